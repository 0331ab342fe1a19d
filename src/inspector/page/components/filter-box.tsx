import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { setQuery } from "../actions.ts";
import { query } from "../state.ts";
import { FILTER_WORDS } from "../words.ts";

/** The list applies the filter after a pause in typing. */
const TYPING_MS = 200;

export function FilterBox() {
  const text = useSignal(query.value);
  const isOpen = useSignal(false);
  const chosen = useSignal(-1);
  const typing = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  /** The filter as this box has set it. What is typed meanwhile must stay, also when this component renders late. */
  const applied = useRef(query.value);
  const shown = query.value;
  useEffect(() => {
    const current = query.peek();
    if (current === applied.current) return;
    applied.current = current;
    text.value = current;
  }, [shown, text]);

  const last = text.value.split(/\s+/).at(-1) ?? "";
  // After a whole word the list would only cover the rows.
  const suggested =
    isOpen.value && (last !== "" || text.value === "")
      ? FILTER_WORDS.filter(({ word }) => word.startsWith(last) && !text.value.split(/\s+/).includes(word))
      : [];
  const apply = (value: string, wait: number) => {
    text.value = value;
    chosen.value = -1;
    clearTimeout(typing.current);
    typing.current = setTimeout(() => {
      applied.current = value.trim();
      setQuery(applied.current);
    }, wait);
  };
  const accept = (word: string) => {
    const before = text.value.slice(0, text.value.length - last.length);
    const isWhole = !word.endsWith(":");
    apply(`${before}${word}${isWhole ? " " : ""}`, isWhole ? 0 : TYPING_MS);
  };
  const onKeyDown = (event: KeyboardEvent & { readonly currentTarget: HTMLInputElement }) => {
    const word = suggested[chosen.value]?.word;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      isOpen.value = true;
      const step = event.key === "ArrowDown" ? 1 : -1;
      chosen.value = Math.max(-1, Math.min(suggested.length - 1, chosen.value + step));
    } else if ((event.key === "Enter" || event.key === "Tab") && word !== undefined) accept(word);
    else if (event.key === "Enter") {
      apply(text.value, 0);
      leave(event.currentTarget);
    } else if (event.key === "Escape") {
      if (text.value === "") leave(event.currentTarget);
      else apply("", 0);
    } else return;
    event.preventDefault();
  };
  const leave = (input: HTMLInputElement) => {
    isOpen.value = false;
    input.blur();
    document.querySelector<HTMLElement>(".list")?.focus();
  };

  return (
    <div class="filter" role="search">
      <input
        id="filter"
        type="text"
        role="combobox"
        aria-label="Filter"
        aria-expanded={suggested.length > 0}
        aria-controls="filter-words"
        aria-autocomplete="list"
        aria-activedescendant={chosen.value === -1 ? undefined : `filter-word-${chosen.value}`}
        autocomplete="off"
        spellcheck={false}
        placeholder="Filter: event:order.* status:failed, or payload text"
        value={text.value}
        onFocus={() => (isOpen.value = true)}
        onBlur={() => (isOpen.value = false)}
        onInput={(event) => {
          isOpen.value = true;
          apply(event.currentTarget.value, TYPING_MS);
        }}
        onKeyDown={onKeyDown}
      />
      <kbd aria-hidden="true">/</kbd>
      <ul
        id="filter-words"
        class="words"
        role="listbox"
        aria-label="Words of the filter"
        hidden={suggested.length === 0}
      >
        {suggested.map(({ word, about }, index) => (
          <li
            key={word}
            id={`filter-word-${index}`}
            role="option"
            aria-selected={index === chosen.value}
            onPointerDown={(event) => {
              event.preventDefault();
              accept(word);
            }}
          >
            <code>{word}</code>
            <span class="dim">{about}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
