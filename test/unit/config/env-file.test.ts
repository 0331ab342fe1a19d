import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readEnvFile, withEnvFile } from "../../../src/config/env-file.ts";
import { tempFolder } from "../../support/temp.ts";

describe("readEnvFile", () => {
  it("reads names and values, quoted or not, after a byte order mark and comments", async () => {
    const path = join(tempFolder(), ".env");
    writeFileSync(path, '\ufeffBLUUM_API_KEY=key\n# a comment\nexport BLUUM_API_SECRET="se cret" # why\n');
    expect(await readEnvFile(path)).toStrictEqual({ BLUUM_API_KEY: "key", BLUUM_API_SECRET: "se cret" });
  });

  it("refuses a missing file, and names it", async () => {
    const path = join(tempFolder(), "missing.env");
    await expect(readEnvFile(path)).rejects.toMatchObject({
      code: "file_unusable",
      message: expect.stringContaining(path),
    });
  });
});

describe("withEnvFile", () => {
  it("never overrides set variables, and treats an empty one as unset", () => {
    const file = { BLUUM_API_KEY: "file", BLUUM_BASE_URL: "https://file.example" };
    expect(withEnvFile(file, { BLUUM_API_KEY: "real", BLUUM_BASE_URL: "", OTHER: "" })).toEqual({
      BLUUM_API_KEY: "real",
      BLUUM_BASE_URL: "https://file.example",
      OTHER: "",
    });
  });

  it("treats a variable of spaces as unset, as the settings do", () => {
    expect(withEnvFile({ BLUUM_API_KEY: "file" }, { BLUUM_API_KEY: "  " })).toEqual({ BLUUM_API_KEY: "file" });
  });

  it.each([
    [{ BLUUM_API_BASE_URL: "real" }, { BLUUM_BASE_URL: "file", BLUUM_API_BASE_URL: "file" }],
    [{ BLUUM_SECRET_KEY: "real" }, { BLUUM_API_SECRET: "file" }],
    [{ BLUUM_API_SECRET: "real" }, { BLUUM_SECRET_KEY: "file" }],
  ])("does not override %j by another name of the same setting", (real, file) => {
    expect(withEnvFile(file, real)).toEqual(real);
  });

  it("uses the owner of only one of the two", () => {
    const file = { BLUUM_INVESTOR_ID: "inv_file", BLUUM_API_KEY: "file" };
    expect(withEnvFile(file, { BLUUM_ACCOUNT_ID: "real" })).toEqual({
      BLUUM_ACCOUNT_ID: "real",
      BLUUM_API_KEY: "file",
    });
    expect(withEnvFile(file, { BLUUM_ACCOUNT_ID: "" })).toMatchObject({ BLUUM_INVESTOR_ID: "inv_file" });
  });
});
