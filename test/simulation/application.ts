import {
  type AccessToken,
  createTokenManager,
  forResource,
  type RenewableTokenSource,
  type TokenEvent,
  type TokenManager,
  type TokenStore,
} from '@tokenflight/core'
import type { Sabotage } from './sabotage.ts'
import { createSimulatedGrant } from './simulated-grant.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { World } from './world.ts'

/** What runs in one process: a token manager of the real core, and callers who want something of it. */
export class Application {
  /** Audiences that callers have asked for. */
  readonly wanted = new Set<string | undefined>([undefined])
  /** Access tokens that callers have named as refused. */
  readonly named = new Set<string>()
  /** Somebody has wished for a newer token. */
  renewing = false
  /** It holds tokens which it has reported as not kept. */
  unsaved = false
  signingOut = false
  /** It is still trying to have them kept. */
  #keeping = false
  /** The access tokens of sign-ins that it has been told have failed, and tries again. */
  readonly signingInAgain = new Set<string>()
  readonly #world: World
  readonly #process: SimulatedProcess
  readonly #sabotage: Sabotage
  readonly #store: TokenStore
  readonly #manager: TokenManager
  readonly #managersApart = new Map<string, TokenManager>()

  constructor(world: World, process: SimulatedProcess, sabotage: Sabotage) {
    this.#world = world
    this.#process = process
    this.#sabotage = sabotage
    const { store = (inner) => inner, grant = (inner) => inner } = sabotage
    this.#store = world.store.storeOf(process)
    this.#manager = createTokenManager({
      ...world.weather.policy,
      store: store(this.#store, world, process),
      grant: grant(createSimulatedGrant(world, process)),
      timing: process.timing,
      onEvent: (event) => this.#happened(event),
    })
  }

  ask(rejected?: string, signal?: AbortSignal, audience?: string): Promise<AccessToken> {
    this.wanted.add(audience)
    if (rejected !== undefined) this.named.add(rejected)
    const { rejected: name = (it: string) => it } = this.#sabotage
    const said = rejected === undefined ? undefined : name(rejected, this.#world, this.#process)
    const ask = () => this.#source(audience).getAccessToken({ rejected: said, signal })
    return this.#world.handouts.ask(this.#process, rejected, ask, signal, audience)
  }

  /** The application has been configured anew, and wants tokens of now. */
  async renew(audience: string | undefined): Promise<void> {
    this.#world.count('renewal')
    this.wanted.add(audience)
    this.renewing = true
    await this.#world.handouts.renew(this.#process, () => this.#source(audience).renew(), audience)
  }

  #source(audience: string | undefined): RenewableTokenSource {
    const manager = this.#manager
    const { apart } = this.#sabotage
    if (audience === undefined) return manager
    return forResource(apart === undefined ? manager : this.#apart(audience, apart), audience)
  }

  #apart(audience: string, apart: (store: TokenStore) => TokenStore): TokenManager {
    const found = this.#managersApart.get(audience)
    if (found !== undefined) return found
    const created = createTokenManager({
      ...this.#world.weather.policy,
      store: apart(this.#world.store.storeOf(this.#process)),
      grant: createSimulatedGrant(this.#world, this.#process),
      timing: this.#process.timing,
    })
    this.#managersApart.set(audience, created)
    return created
  }

  /** The application's login: a new grant, handed over until it is kept. */
  async signIn(): Promise<void> {
    const response = this.#world.server.signIn()
    this.#world.log(this.#process, () => `signs in with ${response.access_token}`)
    for (;;) {
      try {
        return await this.#manager.setTokens(response)
      } catch {
        this.signingInAgain.add(response.access_token)
        await this.#process.pause(500)
        // Kept after all, if only the reply was lost; storing it twice would be no new sign-in.
        if (this.#world.ledger.keptAt.has(response.access_token)) return
      }
    }
  }

  async signOut(): Promise<void> {
    if (this.signingOut) return
    this.#world.log(this.#process, () => 'signs out')
    this.signingOut = true
    try {
      await this.#manager.clearTokens()
    } catch {
      // The application says so to its user, who may try again.
    } finally {
      this.signingOut = false
    }
  }

  /** The orderly end of its process. */
  async close(): Promise<void> {
    this.#world.log(this.#process, () => 'closes')
    await this.#manager.close()
    await this.#store.close?.()
    this.#process.state = 'dead'
    // The commit that it gave up waiting for is cut off in the middle, as if it had been killed.
    this.#process.killed = this.#keeping
    this.#world.log(this.#process, () => 'has ended')
  }

  #happened(event: TokenEvent): void {
    this.#world.count(event.type)
    if (event.type === 'unsaved') this.unsaved = true
    if (event.type === 'unsaved' || event.type === 'saved') this.#keeping = event.type === 'unsaved'
    if (event.type === 'takeover') this.#world.log(this.#process, () => `takes over (${event.verdict})`)
  }
}
