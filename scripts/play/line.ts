// What a person types at the prompt, as a move of the game. Pure: it knows the cast and the words, and does nothing.

import { EVERYBODY, type Person } from '../demo/cast.ts'

export type Move =
  | { readonly kind: 'customer'; readonly who: Person; readonly text: string }
  /** Typed on the owner's phone, or sent by staff through the API. */
  | { readonly kind: 'phone' | 'staff'; readonly to: Person; readonly text: string }
  /** The shop gives the chat back to the bot. */
  | { readonly kind: 'bot'; readonly to: Person }
  | { readonly kind: Word }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'wrong'; readonly why: string }

const WORDS = ['scan', 'connect', 'logout', 'drop', 'kill', 'orders', 'help', 'quit'] as const
type Word = (typeof WORDS)[number]

const SAME: Readonly<Record<string, Word>> = { exit: 'quit', '?': 'help' }

export const HELP = [
  'amal hi                    Amal writes "hi" (also luis, mei, and stranger, who is no contact)',
  'luis ORDER Blue Mug:2      a customer orders',
  'staff amal It is ready     the shop answers through the API',
  'phone amal It is ready     the owner types it on the phone',
  'bot amal                   gives the chat back to the bot, after staff, phone, or fast typing',
  'orders                     the orders so far, as GET /api/orders shows them',
  'scan                       the phone scans the QR',
  'connect                    asks for a new QR, after a logout',
  'logout                     the phone logs the server out',
  'drop                       WhatsApp cuts the connection',
  'kill                       kill -9 for the server, and a new start on the same data',
  'help                       this list',
  'quit                       ends everything (so does Ctrl-C)',
] as const

/** Reads a line; `as Amal: hi` and `amal hi`, `phone: hi to amal` and `phone amal hi` are the same. */
export function readMove(line: string): Move {
  const [, first = '', rest = ''] = /^\s*(?:as\s+)?([^\s:]*)\s*:?\s*(.*?)\s*$/isu.exec(line) ?? []
  const word = first.toLowerCase()
  if (word === '') return { kind: 'nothing' }
  const known = SAME[word] ?? WORDS.find((each) => each === word)
  if (known !== undefined) return { kind: known }
  if (word === 'phone' || word === 'staff') return toSomebody(word, rest)
  if (word === 'bot') {
    const to = personCalled(rest)
    return to === null ? wrong('Whose chat? Like this: bot amal') : { kind: 'bot', to }
  }
  const who = personCalled(word)
  if (who === null) return wrong(`I do not know "${first}". Type help to see what you can do.`)
  if (rest === '') return wrong(`What does ${who.name} write? Like this: ${word} hi`)
  return { kind: 'customer', who, text: rest }
}

function toSomebody(kind: 'phone' | 'staff', rest: string): Move {
  const [, before = '', after = ''] = /^(\S+?):?\s+(.+)$/su.exec(rest) ?? []
  const [, text = '', name = ''] = /^(.+)\s+to\s+(\S+)$/isu.exec(rest) ?? []
  const first = personCalled(before)
  if (first !== null) return { kind, to: first, text: after }
  const last = personCalled(name)
  if (last !== null) return { kind, to: last, text }
  return wrong(`To whom, and what? Like this: ${kind} amal It is ready`)
}

function personCalled(name: string): Person | null {
  return EVERYBODY.find((person) => person.name.toLowerCase() === name.toLowerCase()) ?? null
}

function wrong(why: string): Move {
  return { kind: 'wrong', why }
}
