// Baileys is the heaviest thing a node loads, and nothing of it is needed before an account connects. What stands on it is loaded here, at
// first use, and nowhere else in the program; whoever imports baileys.ts or translate.ts directly loads it with the program.

import type { OpenSocketFn } from './socket.ts'

/** See socket.ts. The first account waits until Baileys is loaded. */
export const openSocketLate: OpenSocketFn = async (options) => (await import('./baileys.ts')).openBaileysSocket(options)

/** See translate.ts. */
export const loadTranslate = async () => (await import('./translate.ts')).translate
