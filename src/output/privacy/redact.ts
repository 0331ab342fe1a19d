import { decodedText } from "../../core/urls.ts";
import { createHmac, randomBytes } from "node:crypto";
import type { Node } from "jsonc-parser";
import type { HeaderPair } from "../../core/delivery.ts";
import { applyChanges, type JsonChange } from "../../core/json-edit.ts";
import { propertiesOf, sourceOf, treeOf } from "../../core/json-text.ts";
import { exactText } from "../reports/body-view.ts";
import * as harmless from "../../core/harmless.ts";

/** Added to everything that was redacted: a changed body no longer matches its signature. */
export const REDACTION_NOTE =
  "Data that is not known to be harmless was replaced. Bodies were changed, so their signatures are no longer valid.";

/**
 * Replaces everything that is not known to be harmless. Equal values get equal replacements within one export, so
 * that they can be followed, and others in the next export.
 */
export class Redactor {
  readonly #key = randomBytes(32);

  /** The replacement of a text. */
  text(value: string): string {
    return value === "" ? "" : `[redacted ${this.#tag(value)}]`;
  }

  /** The value of a named field: unchanged if it is harmless there. */
  field(name: string, value: string): string {
    return harmless.isHarmlessField(name, value) ? value : this.text(value);
  }

  /** A hash from which the hashed value cannot be guessed. */
  hash(value: string): string {
    return createHmac("sha256", this.#key).update(value).digest("hex");
  }

  /**
   * JSON of the same shape, with harmless characters unchanged; other bodies are removed, except words such as `ok`.
   */
  body(body: Buffer): Buffer {
    const text = exactText(body);
    if (text === undefined) return removedBody(body, "that are not text");
    if (body.length === 0 || harmless.HARMLESS_TEXTS.includes(text.trim().toLowerCase())) return body;
    try {
      return Buffer.from(this.json(text));
    } catch {
      return removedBody(body, "that are not JSON");
    }
  }

  /** Throws `SyntaxError` and `TooDeepError`. */
  json(text: string): string {
    const changes: JsonChange[] = [];
    this.#walk(treeOf(text), "", text, changes);
    return applyChanges(text, changes);
  }

  headers(headers: readonly HeaderPair[]): HeaderPair[] {
    return headers
      .filter(([name]) => !/^content-(encoding|length|md5)$|^(repr-|content-)?digest$/i.test(name))
      .map(([name, value]) => [
        /^[A-Za-z][A-Za-z0-9-]{0,63}$/.test(name) ? name : this.text(name),
        harmless.isHarmlessHeader(name, value) ? value : this.text(fromLatin1(value)),
      ]);
  }

  /** A request target: harmless parts of the path, and harmless parameters. */
  path(target: string): string {
    const [path = "", ...query] = target.split("?");
    const parts = path.split("/").map((part) => (harmless.isHarmlessPathPart(part) ? part : this.#urlText(part)));
    const pairs = query.flatMap((each) => each.split("&")).map((pair) => this.#parameter(pair));
    return parts.join("/") + (query.length === 0 ? "" : `?${pairs.join("&")}`);
  }

  url(url: string): string {
    if (!URL.canParse(url)) return this.text(url);
    const { protocol, host, pathname, search } = new URL(url);
    return `${protocol}//${harmless.isLoopbackHost(host) ? host : `${this.#urlText(host)}.invalid`}${this.path(pathname + search)}`;
  }

  #parameter(pair: string): string {
    const [name = "", ...rest] = pair.split("=");
    const value = rest.join("=");
    const shown = harmless.isFieldName(name) ? name : this.#urlText(name);
    if (rest.length === 0) return shown;
    return `${shown}=${harmless.isHarmlessField(name, value) ? value : this.#urlText(value)}`;
  }

  #walk(node: Node, name: string, text: string, changes: JsonChange[]): void {
    const source = sourceOf(node, text);
    switch (node.type) {
      case "object":
        for (const property of propertiesOf(node)) {
          if (!harmless.isFieldName(property.name)) {
            changes.push({ node: property.nameNode, json: JSON.stringify(this.text(property.name)) });
          }
          this.#walk(property.value, property.name, text, changes);
        }
        return;
      case "array":
        node.children?.forEach((child) => this.#walk(child, name, text, changes));
        return;
      case "string": {
        const value = String(node.value);
        const shown = this.field(name, value);
        if (shown !== value) changes.push({ node, json: JSON.stringify(shown) });
        return;
      }
      case "number":
        if (!harmless.isHarmlessField(name, source)) changes.push({ node, json: this.#number(source) });
        return;
      case "boolean":
        if (!harmless.isHarmlessField(name, source)) changes.push({ node, json: "false" });
        return;
      case "null":
      case "property":
        return;
      default:
        node.type satisfies never;
    }
  }

  /** A whole number of at most nine digits. */
  #number(source: string): string {
    return String(1 + (Number.parseInt(this.hash(source).slice(0, 12), 16) % 999_999_999));
  }

  #urlText(value: string): string {
    return value === "" ? "" : `redacted-${this.#tag(decodedText(value))}`;
  }

  #tag(value: string): string {
    return this.hash(value).slice(0, 10);
  }
}

/** The replacement of a body that cannot be parsed, so that nothing of it can be kept. */
export function removedBody(body: Buffer, why: string): Buffer {
  return Buffer.from(`[redacted: ${body.length} bytes ${why}]`);
}

/** A header contains bytes: those that are UTF-8 are decoded. */
function fromLatin1(text: string): string {
  return exactText(Buffer.from(text, "latin1")) ?? text;
}
