/** Drawn on a grid of 16 by 16, in the text's colour. */
const PATHS = {
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8ZM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
  "eye-off":
    "M2 2l12 12M6.5 3.7A6 6 0 0 1 8 3.5c4 0 6.500 4.500 6.500 4.500a11 11 0 0 1-1.800 2.300M10.500 11.900A6 6 0 0 1 8 12.500C4 12.500 1.500 8 1.500 8a11 11 0 0 1 2.700-3M6.600 6.600a2 2 0 0 0 2.800 2.800",
  download: "M8 2v8M4.500 6.800 8 10.200l3.500-3.400M2.500 13.500h11",
  half: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM8 2v12M10 3v10M12 4.500v7",
  sun: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM8 1v1.500M8 13.500V15M1 8h1.500M13.500 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1",
  moon: "M13.500 9.500A6 6 0 0 1 6.500 2.500a6 6 0 1 0 7 7Z",
  help: "M6 6a2 2 0 1 1 2.900 1.800c-.6.3-.9.700-.9 1.400M8 11.800v.01M8 1.800a6.200 6.200 0 1 0 0 12.400A6.200 6.200 0 0 0 8 1.800Z",
  close: "M4 4l8 8M12 4l-8 8",
  back: "M10 3.500 5.500 8l4.500 4.500",
  more: "M3.500 8h.01M8 8h.01M12.500 8h.01",
} as const;

export function Icon({ name }: { readonly name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
