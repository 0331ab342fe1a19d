/** The first four bytes of every stream: its type. */
export const STREAM_TYPE = { auth: 0, bind: 1, unbind: 2, proxy: 3, heartbeat: 0xffffffff } as const;

export interface AuthRequest {
  readonly ClientId: string;
  readonly Extra: {
    readonly AuthToken: string;
    readonly Hostname: string;
    readonly UserAgent: string;
    readonly Metadata: string;
    readonly ClientType: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

export interface BindRequest {
  /** Empty at first; the tunnel's id when an agent reconnects. */
  readonly Id: string;
  readonly Proto: string;
  readonly ForwardsTo: string;
  readonly Opts: { readonly Domain: string; readonly Hostname: string; readonly [field: string]: unknown };
  readonly Extra: { readonly Metadata: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

export interface UnbindRequest {
  readonly Id: string;
}

/** The service's reply to a request: accepted, never answered, or refused with a code. */
export type Reply = "accept" | "hang" | { readonly code: string; readonly text: string };

/** A refusal in the service's format: text, then the code on a separate line. */
export function refusal({ code, text }: { readonly code: string; readonly text: string }): { Error: string } {
  return { Error: `${text}\r\n\r\n${code}\r\n` };
}

/** The head of a proxied connection: its type, the length of the JSON in eight bytes little-endian, the JSON. */
export function proxyHead(tunnelId: string, clientAddr: string): Buffer {
  const json = Buffer.from(
    JSON.stringify({ Id: tunnelId, ClientAddr: clientAddr, Proto: "https", EdgeType: "0", PassthroughTLS: false }),
  );
  const head = Buffer.alloc(12);
  head.writeUInt32BE(STREAM_TYPE.proxy, 0);
  head.writeBigInt64LE(BigInt(json.length), 4);
  return Buffer.concat([head, json]);
}
