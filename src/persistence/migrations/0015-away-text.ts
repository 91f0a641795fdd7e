// What a shop says while it is closed, in its own words. Null: the bot's, in the language of the chat.

export const name = '0015-away-text'

export const up = `
alter table organizations add column away_text text;
`
