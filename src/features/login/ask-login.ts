import type { Profile, StoredNgrok } from "../../config/config-file.ts";
import { domainRule, keyRule, tokenRule, type LoginInput } from "../../config/login-input.ts";
import type { Context } from "../../context.ts";
import { bareHost } from "../../core/hosts.ts";
import { investorRule, isUuid } from "../../core/id-rules.ts";

interface Asked {
  readonly what: string;
  readonly isSecret: boolean;
  /** The stored value, which is kept if nothing is entered. */
  readonly known: string | undefined;
  readonly validate: (text: string) => string | undefined;
}

export interface LoginQuestions {
  readonly stored: Profile;
  readonly ngrok: StoredNgrok;
  readonly ask: Context["ask"];
  readonly say: (text: string) => void;
  /** Throws if the API does not accept the pair. */
  readonly prove: (pair: { apiKey: string; apiSecret: string }) => Promise<void>;
}

/** Asks one question at a time; the key pair is verified once it is complete. Other values keep their stored ones. */
export async function askForLogin(questions: LoginQuestions): Promise<LoginInput> {
  const { stored, ngrok, say, prove } = questions;
  const ask = async (question: Asked) => {
    const orElse = question.known === undefined ? "Enter to skip" : "Enter keeps the stored one";
    const answer = await questions.ask({
      message: `${question.what} (${orElse})`,
      isSecret: question.isSecret,
      validate: (text) => (text === "" ? undefined : question.validate(text)),
    });
    return answer === "" ? undefined : answer;
  };
  const apiKey = await ask({ what: "API key", isSecret: true, known: stored.apiKey, validate: keyRule });
  let apiSecret: string | undefined;
  if (apiKey !== undefined) {
    const needed = (text: string) => (text === "" ? "must not be empty" : keyRule(text));
    apiSecret = await questions.ask({ message: "API secret", isSecret: true, validate: needed });
    await prove({ apiKey, apiSecret });
    say("The API accepts the key pair.");
  }
  const owner = await ask({
    what: "investor id, or account id of the legacy API",
    isSecret: false,
    known: stored.investorId ?? stored.accountId,
    validate: idObjection,
  });
  const authtoken = await ask({
    what: "ngrok authtoken",
    isSecret: true,
    known: ngrok.authtoken,
    validate: tokenRule,
  });
  const domain =
    (authtoken ?? ngrok.authtoken) === undefined
      ? undefined
      : await ask({ what: "your ngrok domain", isSecret: false, known: ngrok.domain, validate: domainRule });
  return {
    apiKey,
    apiSecret,
    authtoken,
    domain: domain === undefined ? undefined : bareHost(domain),
    ...(owner === undefined ? {} : isUuid(owner) ? { accountId: owner } : { investorId: owner }),
  };
}

function idObjection(id: string): string | undefined {
  return isUuid(id) || investorRule(id) === undefined
    ? undefined
    : "must be an investor ID such as inv_01j9x2k4, or the UUID of a legacy account";
}
