// The story of the demo, in order. Each step shows one part of the main job and checks it; this file is its table of contents.

import { type Api, makeApi } from './api.ts'
import type { Checks } from './checks.ts'
import type { Paper } from './paper.ts'
import type { Stage } from './stage.ts'
import { arabic } from './steps/arabic.ts'
import { chat, firstOrder } from './steps/chat.ts'
import { connect } from './steps/connect.ts'
import { countEverything, type Totals } from './steps/count.ts'
import { crash } from './steps/crash.ts'
import { leaving } from './steps/leaving.ts'
import { lastNotice, notices } from './steps/notices.ts'
import { orders } from './steps/orders.ts'
import { questions } from './steps/questions.ts'
import { shelves } from './steps/shelves.ts'
import { signUp } from './steps/sign-up.ts'
import { staff } from './steps/staff.ts'
import { strangers } from './steps/strangers.ts'
import { takeover } from './steps/takeover.ts'

/** What every step plays with. */
export interface Scene {
  readonly stage: Stage
  readonly paper: Paper
  readonly check: Checks
  /** As nobody; after the sign-up, as the owner. */
  readonly api: Api
}

export interface Told extends Totals {
  readonly bootMs: number
  readonly pairingMs: number
  readonly token: string
}

/** Plays it all. @throws CheckFailed at the first thing that is not as it must be */
export async function tell(played: Omit<Scene, 'api'>): Promise<Told> {
  const { stage, paper } = played
  paper.chapter('1. The server starts, with its own PostgreSQL and an empty data directory')
  const bootMs = await paper.waiting('the server', stage.startServer())
  paper.fact(`up after ${(bootMs / 1000).toFixed(1)} s: ${stage.url()}`)
  const nobody: Scene = { ...played, api: makeApi(stage.url) }
  const token = await signUp(nobody)
  const owner: Scene = { ...nobody, api: nobody.api.as(token) }
  await shelves(owner)
  const pairingMs = await connect(owner)
  const label = await firstOrder(owner)
  await chat(owner)
  await staff(owner)
  await orders(owner)
  await crash(owner)
  await arabic(owner)
  await strangers(owner)
  await notices(owner, label)
  await questions(owner)
  await takeover(owner)
  await leaving(owner)
  await lastNotice(owner, label)
  return { bootMs, pairingMs, token, ...(await countEverything(owner)) }
}
