import { commandProgram, TUNNEL_PROGRAMS, type TunnelProgram } from "../../tunnel/programs.ts";
import { refuse } from "../shared/parse.ts";

/** The value of `--tunnel`: ngrok, another program, or none. */
export type TunnelChoice = "ngrok" | "none" | TunnelProgram;

export const TUNNEL_KINDS = "ngrok, cloudflared, tailscale, command:'…{port}…', or none";

const COMMAND = "command:";

export function tunnelChoice(text: string): TunnelChoice {
  if (text === "ngrok" || text === "none") return text;
  if (Object.hasOwn(TUNNEL_PROGRAMS, text)) return TUNNEL_PROGRAMS[text as keyof typeof TUNNEL_PROGRAMS];
  if (!text.startsWith(COMMAND)) return refuse(`must be ${TUNNEL_KINDS}`);
  const command = text.slice(COMMAND.length).trim();
  return /\{(?:port|url)\}/.test(command)
    ? commandProgram(command)
    : refuse("must contain {port}, the listener's port, or {url}, its URL");
}
