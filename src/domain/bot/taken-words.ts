// What customers say to the bot, in every language it knows: a product of such a name could not be told from it. The one function the
// catalogue asks; a new language is known to it when the parser knows it.
import { normalName } from '../catalogue/search.ts'
import { interpret, type OpenPrompt } from './interpret.ts'
import { isPolite, numberNamed } from './lexicon.ts'
import { makeCatalogueNames } from './names.ts'
import { plainCharacters } from './normalise.ts'

/** Words that may become commands, or that people take for them. */
const WORDS = new Set('back human menu unsubscribe'.split(' '))

/** An answer to a numbered question. */
const CHOICE = /^\d{1,3}$/

const NOTHING = makeCatalogueNames()
const PROMPTS: readonly (OpenPrompt | null)[] = [
  null,
  { type: 'confirm' },
  { type: 'choice' },
  { type: 'qty' },
  { type: 'page' },
]

/** True when this name, sent alone, would be taken for something said to the bot, in any language and whatever question is open. */
export function saidToBot(name: string): boolean {
  const words = normalName(name)
  if (WORDS.has(words.replaceAll(' ', '')) || CHOICE.test(words)) return true
  if (isPolite(plainCharacters(name)) || numberNamed(plainCharacters(name)) !== null) return true
  return PROMPTS.some((prompt) => interpret(name, { names: NOTHING, prompt }).intent !== 'unknown')
}
