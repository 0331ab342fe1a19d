// Times shown to the user are local and include the UTC offset, which also distinguishes the two hours that the
// change from summer time repeats. JSON output uses UTC.

/** `2026-11-30 17:24:01+01:00`; --since accepts the same format. */
export function localTime(at: number): string {
  return localIso(at).replace("T", " ").replace(/\.\d+/, "");
}

/** `2026-11-30T17:24:01.288+01:00`: for sorting and for other programs. */
export function localIso(at: number): string {
  const offsetMinutes = -new Date(at).getTimezoneOffset();
  return new Date(at + offsetMinutes * 60_000).toISOString().replace("Z", offsetText(offsetMinutes));
}

/** The time zone of this machine at a time: `UTC+01:00`, `UTC`. */
export function zoneName(at: number): string {
  const offsetMinutes = -new Date(at).getTimezoneOffset();
  return offsetMinutes === 0 ? "UTC" : `UTC${offsetText(offsetMinutes)}`;
}

function offsetText(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? "-" : "+"}${String(hours).padStart(2, "0")}:${String(rest).padStart(2, "0")}`;
}
