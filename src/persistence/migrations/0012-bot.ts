// What the bot remembers of a chat between two messages, and what a message said before its author changed it.

export const name = '0012-bot'

export const up = `
-- Times, counts and hashes (domain/bot/state.ts); never words.
alter table conversations add column bot_state jsonb;

-- What the text was before its author changed it, oldest first: [{"text": …, "until": …}].
alter table messages add column edits jsonb;
`
