// Which turn an intent is: commands, answers to the open question, and what neither is. Whether the bot speaks at all was decided before (gates.ts).
import { type Intent, interpret } from '../../domain/bot/interpret.ts'
import type { Question } from '../../domain/bot/question.ts'
import type { CatalogueHit } from '../../domain/catalogue/variant.ts'
import { never } from '../../domain/result.ts'
import { optIn, optOut } from '../../persistence/customers.ts'
import type { Mac } from '../../persistence/suppressions.ts'
import { answer, opensAt, SILENT, type Talk, type Turn } from './turn.ts'
import { chosenTurn, confirmedTurn, countedTurn, orderTurn } from './turn-order.ts'
import { cancelChosenTurn, cancelConfirmedTurn, cancelTurn, keptTurn, statusTurn } from './turn-own-orders.ts'
import { catalogTurn, moreTurn, oldListTurn } from './turn-pages.ts'

const MINUTE_MS = 60_000

/** @param hits what is known of the variants an order may mean */
export async function decideTurn(talk: Talk, meant: Intent, hits: readonly CatalogueHit[], mac: Mac): Promise<Turn> {
  const { say, organization, asked, customerId, now } = talk
  switch (meant.intent) {
    case 'order':
      return orderTurn(talk, meant, hits)
    case 'catalog':
      return catalogTurn(talk, meant.argument)
    case 'more':
      return moreTurn(talk)
    case 'status':
      return statusTurn(talk, meant.order)
    case 'cancel':
      return cancelTurn(talk, meant.order)
    case 'hello':
      return answer((await talk.sayWithExample()).hello())
    case 'help':
      return answer((await talk.sayWithExample()).help())
    case 'contact':
      return answer(say.contact({ text: organization.contactText, phone: talk.accountPhone }))
    case 'agent': {
      const until = new Date(now.getTime() + organization.settings.bot.pauseMinutes * MINUTE_MS)
      return {
        text: say.agent(opensAt(talk) ?? ''),
        attention: ['handoff'],
        pause: { until, reason: 'handoff' },
        lasting: true,
      }
    }
    case 'stop':
      // Acknowledged once: whoever repeats it is not a person.
      if (talk.optedOut) return SILENT
      return done(say.stopped(), (tx) => optOut(tx, customerId, now))
    case 'start':
      if (!talk.optedOut) return SILENT
      return done(say.started(), (tx) => optIn(tx, organization.id, customerId, mac))
    case 'language': {
      const { language } = meant
      if (language === null) return answer(say.languages())
      return done(say.languageSet(), (tx) =>
        tx.run('update customers set language = ?, version = version + 1 where id = ?', [language, customerId]),
      )
    }
    case 'confirm':
      return asked === null ? answer(say.nothingPending()) : confirm(talk, asked.question)
    case 'reject':
      return asked === null ? answer(say.nothingPending()) : reject(talk, asked.question)
    case 'select':
      return asked === null ? answer(say.nothingPending()) : select(talk, asked.question, meant.index)
    case 'qty':
      return asked?.question.type === 'how-many'
        ? countedTurn(talk, asked.question.variantId, meant.quantity)
        : answer(say.nothingPending())
    case 'nothing_pending':
      return answer(say.nothingPending())
    case 'unknown':
      return answer(say.unknown())
    default:
      return never(meant)
  }
}

/** An answer to a question that is too old; null for anything else. */
export async function expiredTurn(
  talk: Talk,
  text: string,
  question: Question,
  names: Parameters<typeof interpret>[1],
): Promise<Turn | null> {
  const { intent } = interpret(text, names)
  if (intent !== 'confirm' && intent !== 'reject' && intent !== 'select' && intent !== 'qty') return null
  const turn = question.type === 'page' ? await oldListTurn(talk) : answer(talk.say.expired())
  return { ...turn, closes: true }
}

async function confirm(talk: Talk, question: Question): Promise<Turn> {
  switch (question.type) {
    case 'order':
      return confirmedTurn(talk, question)
    case 'cancel':
      return cancelConfirmedTurn(talk, question)
    default:
      return answer(talk.say.nothingPending())
  }
}

async function reject(talk: Talk, question: Question): Promise<Turn> {
  if (question.type === 'cancel') return keptTurn(talk, question.number)
  return { text: talk.say.dropped(), closes: true }
}

async function select(talk: Talk, question: Question, index: number): Promise<Turn> {
  switch (question.type) {
    case 'which':
      return chosenTurn(talk, question.choices[index - 1], question.quantity)
    case 'page':
      // A number of a page before this one.
      if (index < question.first) return oldListTurn(talk)
      return chosenTurn(talk, question.variants[index - question.first], null)
    case 'cancel-which':
      return cancelChosenTurn(talk, question.orders[index - 1]?.number)
    case 'details': {
      const number = question.numbers[index - 1]
      return number === undefined
        ? answer(talk.say.nothingPending())
        : { ...(await statusTurn(talk, number)), closes: false }
    }
    default:
      return answer(talk.say.nothingPending())
  }
}

function done(text: string, what: (tx: Parameters<NonNullable<Turn['act']>>[0]) => Promise<unknown>): Turn {
  return {
    text,
    lasting: true,
    act: async (tx) => {
      await what(tx)
      return text
    },
  }
}
