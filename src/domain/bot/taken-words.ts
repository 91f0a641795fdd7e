// What customers say to the bot, in every language it knows: a product of such a name could not be told from it. The one function the
// catalogue asks; a new language is known to it when the parser knows it.
import { normalName } from '../catalogue/search.ts'
import { parseCommand } from './command.ts'

/** Answers and commands that are not read as commands by themselves, or not yet. */
const WORDS = new Set(
  'yes no ok cancel stop start agent human more next back menu language unsubscribe thanks thank you'.split(' '),
)

/** An answer to a numbered question. */
const CHOICE = /^\d{1,3}$/

/** True when this name, sent alone, would be taken for something said to the bot. */
export function saidToBot(name: string): boolean {
  const words = normalName(name)
  return WORDS.has(words.replaceAll(' ', '')) || CHOICE.test(words) || parseCommand(name).kind !== 'unknown'
}
