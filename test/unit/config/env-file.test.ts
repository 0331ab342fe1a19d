import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readEnvFile } from "../../../src/config/env-file.ts";
import { tempFolder } from "../../support/temp.ts";

describe("readEnvFile", () => {
  it("reads names and values, quoted or not, past a byte order mark and comments", async () => {
    const path = join(tempFolder(), ".env");
    writeFileSync(path, '\ufeffBLUUM_API_KEY=key\n# a comment\nexport BLUUM_API_SECRET="se cret" # why\n');
    expect(await readEnvFile(path)).toStrictEqual({ BLUUM_API_KEY: "key", BLUUM_API_SECRET: "se cret" });
  });

  it("refuses a file that is not there, and names it", async () => {
    const path = join(tempFolder(), "missing.env");
    await expect(readEnvFile(path)).rejects.toMatchObject({
      code: "file_unusable",
      message: expect.stringContaining(path),
    });
  });
});
