/** More of a line than this is dropped, so that an endless one fills no memory. */
export const MAX_LINE = 8 * 1024;

/** Splits output into lines. A line that is too long is passed on as soon as it is, without the rest. */
export function lineSplitter(onLine: (line: string) => void): { push: (text: string) => void; end: () => void } {
  let line = "";
  let isCut = false;
  const add = (text: string) => {
    if (isCut) return;
    line += text.slice(0, MAX_LINE - line.length);
    if (line.length < MAX_LINE) return;
    isCut = true;
    onLine(line);
  };
  const end = () => {
    if (line !== "" && !isCut) onLine(line);
    line = "";
    isCut = false;
  };
  const push = (text: string) => {
    for (const [index, part] of text.split(/\r\n|\n|\r/).entries()) {
      if (index > 0) end();
      add(part);
    }
  };
  return { push, end };
}
