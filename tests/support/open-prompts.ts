// Every kind of question the bot may have left open, and none.

import type { OpenPrompt } from '../../src/domain/bot/interpret.ts'

export const OPEN_PROMPTS = [
  { type: 'confirm' },
  { type: 'choice', options: 3 },
  { type: 'qty' },
  { type: 'page', options: 10 },
] as const satisfies readonly OpenPrompt[]

export const PROMPTS: readonly (OpenPrompt | null)[] = [null, ...OPEN_PROMPTS]
