import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { dialog } from "../state.ts";
import { Icon } from "./icon.tsx";

interface ModalProps {
  readonly title: string;
  readonly isWide?: boolean;
  /** Whether a child takes the focus; otherwise the dialog itself does. */
  readonly hasFocus?: boolean;
  readonly children: ComponentChildren;
}

/** A dialog over the page: the browser keeps the focus in it, and restores the focus when it closes. */
export function Modal({ title, isWide = false, hasFocus = false, children }: ModalProps) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      class={isWide ? "modal wide" : "modal"}
      aria-labelledby="modal-title"
      tabIndex={-1}
      autofocus={!hasFocus}
      ref={element}
      onClose={closeDialog}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        // The browser reports it later, and the keys until then would have no effect.
        event.preventDefault();
        closeDialog();
      }}
      onClick={(event) => {
        if (event.target === element.current) closeDialog();
      }}
    >
      <div class="modal-inside">
        <div class="modal-head">
          <h2 id="modal-title">{title}</h2>
          <button type="button" class="tool" aria-label="Close" onClick={closeDialog}>
            <Icon name="close" />
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}

export function closeDialog(): void {
  dialog.value = null;
}
