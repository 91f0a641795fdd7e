// What a session's state means to the person who looks at it: always with the next step in words.

import { never } from '../result.ts'
import type { SessionState } from './state.ts'

export type NextStep = 'none' | 'connect' | 'scan-qr' | 'wait' | 'ask-operator'

/** The next step as a word and as a sentence. */
export interface Advice {
  readonly nextStep: NextStep
  readonly message: string
}

const SOLVE_IT = 'Look at WhatsApp on the phone, solve it there, then press connect.'

/** @param quickAttempts after how many attempts trying goes on slowly */
export function advice(state: SessionState, quickAttempts: number): Advice {
  const phase = state.phase
  const why = state.lastError === null ? '' : `${state.lastError.says} `
  switch (phase.name) {
    case 'asleep':
      return { nextStep: 'connect', message: `${why}Not connected. Press connect and scan the QR if one is shown.` }
    case 'connecting':
      return { nextStep: 'wait', message: 'Connecting to WhatsApp.' }
    case 'pairing':
      return {
        nextStep: 'scan-qr',
        message:
          phase.show.kind === 'qr'
            ? 'Scan the QR: on the phone open WhatsApp, Settings, Linked devices, Link a device.'
            : 'Type the code on the phone: WhatsApp, Settings, Linked devices, Link a device, Link with phone number instead.',
      }
    case 'open':
      return { nextStep: 'none', message: 'Connected.' }
    case 'waiting':
      return {
        nextStep: 'wait',
        message:
          state.attempts > quickAttempts
            ? `${why}Still trying, every few minutes; next at ${phase.until.toISOString()}. Press connect to try now.`
            : `${why}Connecting again at ${phase.until.toISOString()}.`,
      }
    case 'replaced':
      return {
        nextStep: 'connect',
        message: `${why}Close the other connection of this account, then press connect.`,
      }
    case 'loggedOut':
      return { nextStep: 'connect', message: `${why}Press connect and scan the QR again.` }
    case 'halted':
      return phase.why.halts?.who === 'operator'
        ? { nextStep: 'ask-operator', message: `${why}Ask whoever runs this server.` }
        : { nextStep: 'connect', message: `${why}${phase.why.halts?.next ?? SOLVE_IT}` }
    default:
      return never(phase)
  }
}
