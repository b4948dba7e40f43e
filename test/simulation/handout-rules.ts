import { type AccessToken, isTokenError } from '@tokenflight/core'
import type { SimulatedProcess } from './simulated-process.ts'
import type { World } from './world.ts'

/** One caller's question, and what was true when it was asked. */
export interface Asked {
  process: SimulatedProcess
  rejected: string | undefined
  audience: string | undefined
  at: number
  /** Nothing older may be handed to this caller. */
  floor: number
}

/** What a caller is told: a token, or the code of the reason why there is none. */
export type Told = { token: string } | { failure: string }

/** Judges what callers are told. */
export class HandoutRules {
  readonly #asked = new Set<Asked>()
  readonly #world: World
  /** The newest token that each process has handed out for an audience. */
  readonly #newest = new Memory<number>()
  readonly #last = new Memory<{ turn: number; result: string }>()

  constructor(world: World) {
    this.#world = world
  }

  /** Callers of living processes who have been told nothing yet. */
  get waiting(): Asked[] {
    return [...this.#asked].filter(({ process }) => process.state !== 'dead')
  }

  /** Asks through `ask`, and passes on what comes of it. */
  async ask(
    process: SimulatedProcess,
    rejected: string | undefined,
    ask: () => Promise<AccessToken>,
    signal?: AbortSignal,
    audience?: string,
  ): Promise<AccessToken> {
    const { store, scheduler } = this.#world
    const what = audience === undefined ? 'asks' : `asks for ${audience}`
    this.#world.log(process, () => (rejected === undefined ? what : `${what}, was refused with ${rejected}`))
    const floor = this.#newest.get(process, audience) ?? 0
    const asked: Asked = { process, rejected, audience, at: scheduler.now, floor }
    this.#asked.add(asked)
    const { tokens, audiences } = store.record ?? {}
    const stored = this.#age((audience === undefined ? tokens : audiences?.[audience]?.tokens)?.accessToken)
    const { operations } = process
    const { turn } = scheduler
    const answer = ask()
    const began = process.operations > operations
    const waited = () => scheduler.turn !== turn
    try {
      const given = await answer
      const { accessToken: token } = given
      // It went to the store at once and waited for the answer: a flight of its own, which finds what was stored then, or newer.
      if (began && waited()) asked.floor = Math.max(asked.floor, stored)
      this.#judgeToken(asked, token)
      if (waited()) this.#judgeTogether(asked, token)
      return given
    } catch (thrown) {
      if (signal?.aborted === true && thrown === signal.reason) throw thrown
      const failure = this.#judgeFailure(process, thrown)
      // Who is still waiting when its manager is closed may be told so, whatever becomes of the flight.
      if (waited() && failure !== 'closed') this.#judgeTogether(asked, failure)
      throw thrown
    } finally {
      this.#asked.delete(asked)
    }
  }

  /** A wish for a newer token. Undefined where it came to nothing. */
  async renew(
    process: SimulatedProcess,
    renew: () => Promise<AccessToken>,
    audience: string | undefined,
  ): Promise<Told> {
    const { store, scheduler, ledger } = this.#world
    this.#world.log(process, () => `wishes for something newer for ${audience ?? 'itself'}`)
    const floor = this.#newest.get(process, audience) ?? 0
    const asked: Asked = { process, rejected: undefined, audience, at: scheduler.now, floor }
    const { sequence } = store
    this.#asked.add(asked)
    try {
      const { accessToken: token } = await renew()
      this.#judgeToken(asked, token)
      const call = ledger.calls.find(({ answer }) => answer?.access_token === token)
      const early = call?.process === process && call.at < asked.at
      if (early || (ledger.keptAt.get(token) ?? Number.POSITIVE_INFINITY) <= sequence) {
        this.#world.violate('R14', `${token} is not newer than the wish for something newer`)
      }
      return { token }
    } catch (thrown) {
      return { failure: this.#judgeFailure(process, thrown) }
    } finally {
      this.#asked.delete(asked)
    }
  }

  #judgeToken({ process, rejected, audience, floor }: Asked, token: string): void {
    const { ledger, server } = this.#world
    const { unsaved } = this.#world.application(process)
    const violate = this.#world.violate.bind(this.#world)
    this.#world.log(process, () => `is given ${token}`)
    const age = this.#age(token)
    const kept = ledger.keptAt.has(token)
    if (!server.issued.has(token)) violate('I2', `${token} was never issued`)
    else if (server.issued.get(token)?.audience !== audience) violate('F5', `${token} is for another audience`)
    if (!kept && !unsaved) violate('R3', `${token} was handed out before it was kept`)
    if (age < floor) violate('I2', `${token} is older than what there was when it was asked for`)
    if (token === rejected && kept && !ledger.replacements.has(token)) {
      violate('I2', `${token} was handed to a caller who had been refused with it`)
    }
    this.#newest.set(process, audience, Math.max(age, this.#newest.get(process, audience) ?? 0))
  }

  #judgeFailure(process: SimulatedProcess, thrown: unknown): string {
    const failure = isTokenError(thrown) ? thrown.code : String(thrown)
    this.#world.log(process, () => `is told ${failure}`)
    if (failure === 'store_corrupt') this.#world.violate('I4', 'a reader was told that the content is no credential')
    if (!isTokenError(thrown))
      this.#world.violate('I7', `a caller was told something that is no TokenError: ${failure}`)
    return failure
  }

  /** Whoever waits on one flight is told the same. */
  #judgeTogether({ process, audience }: Asked, result: string): void {
    const { turn } = this.#world.scheduler
    const last = this.#last.get(process, audience)
    if (last?.turn === turn && last.result !== result) {
      this.#world.violate('I7', `those who waited together were told ${last.result} and ${result}`)
    }
    this.#last.set(process, audience, { turn, result })
  }

  /** The later a token was kept, the larger; one that is not kept yet follows the claim that it was redeemed under. */
  #age(token: string | undefined): number {
    if (token === undefined) return 0
    const { ledger } = this.#world
    const call = () => ledger.calls.find(({ answer }) => answer?.access_token === token)
    return ledger.keptAt.get(token) ?? (call()?.claim?.sequence ?? 0) + 0.5
  }
}

/** Something about an audience in a process. */
class Memory<T> {
  readonly #values = new Map<string, T>()

  get({ pid }: SimulatedProcess, audience: string | undefined): T | undefined {
    return this.#values.get(`${pid} ${audience}`)
  }

  set({ pid }: SimulatedProcess, audience: string | undefined, value: T): void {
    this.#values.set(`${pid} ${audience}`, value)
  }
}
