import type { ComponentChildren } from "preact";

interface NoticeProps {
  readonly title: string;
  readonly text: string;
  readonly hint?: string | null;
  /** A command for the user to run in a terminal. */
  readonly command?: string;
  readonly children?: ComponentChildren;
}

/** Explains why something is missing, and what the user can do. */
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
