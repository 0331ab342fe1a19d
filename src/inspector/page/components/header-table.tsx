import type { HeaderPair } from "../../contract.ts";
import { isHarmlessHeader } from "../../../core/harmless.ts";
import { isPersonalHidden } from "../preferences.ts";
import { Hidden } from "./hidden.tsx";

interface HeaderTableProps {
  readonly headers: readonly HeaderPair[];
  /** `POST /webhooks/bluum`. */
  readonly request?: string;
  /** Headers to highlight, in lower case. */
  readonly marked?: readonly string[];
}

/** Headers in the order received, including repeated ones. */
export function HeaderTable({ headers, request, marked = [] }: HeaderTableProps) {
  return (
    <div class="headers">
      {request === undefined ? null : <p class="request mono">{request}</p>}
      <table>
        <caption class="spoken">Headers</caption>
        <tbody>
          {headers.map(([name, value], index) => (
            <tr key={index} data-marked={marked.includes(name.toLowerCase())}>
              <th scope="row">{name}</th>
              <td>{isPersonalHidden.value && !isHarmlessHeader(name, value) ? <Hidden text={value} /> : value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
