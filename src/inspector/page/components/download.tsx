import { size } from "../format.ts";

export function Download({ id, bytes }: { readonly id: string; readonly bytes: number }) {
  return (
    <a class="link" download href={`/_inspector/deliveries/${encodeURIComponent(id)}/body`}>
      Download {size(bytes)}
    </a>
  );
}
