import type { ComponentChildren } from "preact";

interface NoticeProps {
  readonly title: string;
  readonly text: string;
  readonly hint?: string | null;
  /** A command to type into a terminal. */
  readonly command?: string;
  readonly children?: ComponentChildren;
}

/** Says why something is not there, and what can be done. */
export function Notice({ title, text, hint, command, children }: NoticeProps) {
  return (
    <div class="notice" role="status">
      <p class="notice-title">{title}</p>
      <p>{text}</p>
      {command === undefined ? null : <code class="command">{command}</code>}
      {hint === undefined || hint === null ? null : <p class="dim">{hint}</p>}
      {children === undefined ? null : <div class="actions">{children}</div>}
    </div>
  );
}
