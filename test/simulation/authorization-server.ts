import type { TokenResponse } from '@tokenflight/core'
import type { Weather } from './weather.ts'

/** Tokens of one grant: reuse of a spent refresh token can end them all. */
interface Family {
  revoked: boolean
}

/** What became of a refresh token. */
interface RefreshToken {
  family: Family
  spentAt?: number
  /** Newer answers have replaced it. */
  dead: boolean
  children: string[]
}

/** What the server knows of an access token it has issued. */
export interface Issued {
  family: Family
  /** The refresh token it was redeemed with; undefined after a sign-in. */
  parent: string | undefined
  /** Undefined for the default one. */
  audience: string | undefined
  expiresAt: number
  refused: boolean
}

/** The truth about every token. Its clock is the simulation's. */
export class AuthorizationServer {
  readonly issued = new Map<string, Issued>()
  /** Refresh tokens that it has refused. */
  readonly rejections = new Set<string>()
  /** Refresh tokens presented, answered or refused: everything but "not now". */
  processed = 0
  /** Presentations that revoked a grant. */
  revocations = 0
  readonly #parents = new Map<string, string>()
  readonly #refreshTokens = new Map<string, RefreshToken>()
  readonly #weather: Pick<Weather, 'rotation' | 'grace' | 'lifetime'>
  readonly #now: () => number

  constructor(weather: Pick<Weather, 'rotation' | 'grace' | 'lifetime'>, now: () => number) {
    this.#weather = weather
    this.#now = now
  }

  /** As after an authorization code exchange. */
  signIn(): TokenResponse {
    return this.#issue({ revoked: false }, undefined, undefined)
  }

  /** One refresh_token grant; undefined is invalid_grant. */
  redeem(refreshToken: string, audience?: string): TokenResponse | undefined {
    this.processed++
    const token = this.#refreshTokens.get(refreshToken)
    if (token === undefined || token.family.revoked) return this.#refuse(refreshToken)
    const { rotation } = this.#weather
    if (rotation === 'fixed') return this.#issue(token.family, refreshToken, audience)
    if (token.dead || (token.spentAt !== undefined && !this.#isForgiven(token, token.spentAt))) {
      token.family.revoked = true
      this.revocations++
      return this.#refuse(refreshToken)
    }
    if (rotation === 'newest' || rotation === 'until_successor_used')
      for (const child of token.children) this.#end(child)
    token.spentAt ??= this.#now()
    return this.#issue(token.family, refreshToken, audience, token)
  }

  /** What the resource server finds when it asks. */
  accepts(accessToken: string): boolean {
    const issued = this.issued.get(accessToken)
    return issued !== undefined && !issued.family.revoked && !issued.refused && this.#now() < issued.expiresAt
  }

  /** From now on the resource server refuses it. */
  turnAgainst(accessToken: string): void {
    const issued = this.issued.get(accessToken)
    if (issued !== undefined) issued.refused = true
  }

  #isForgiven({ children }: RefreshToken, spentAt: number): boolean {
    const { rotation, grace } = this.#weather
    if (rotation !== 'until_successor_used') return this.#now() - spentAt < grace
    return children.every((child) => this.#refreshTokens.get(child)?.spentAt === undefined)
  }

  #end(refreshToken: string): void {
    const token = this.#refreshTokens.get(refreshToken)
    if (token !== undefined && token.spentAt === undefined) token.dead = true
  }

  #refuse(refreshToken: string): undefined {
    this.rejections.add(refreshToken)
  }

  /** The refresh token that this one was issued for. */
  parentOf(refreshToken: string | undefined): string | undefined {
    return this.#parents.get(refreshToken ?? '')
  }

  #issue(
    family: Family,
    parent: string | undefined,
    audience: string | undefined,
    presented?: RefreshToken,
  ): TokenResponse {
    const serial = this.issued.size + 1
    const accessToken = `at-${serial}`
    const { lifetime, rotation } = this.#weather
    this.issued.set(accessToken, {
      ...{ family, parent, audience, refused: false },
      expiresAt: this.#now() + lifetime * 1000,
    })
    const answer: TokenResponse = { access_token: accessToken, token_type: 'Bearer', expires_in: lifetime }
    if (rotation === 'fixed' && parent !== undefined) return answer
    const refreshToken = `rt-${serial}`
    if (parent !== undefined) this.#parents.set(refreshToken, parent)
    this.#refreshTokens.set(refreshToken, { family, dead: false, children: [] })
    presented?.children.push(refreshToken)
    return { ...answer, refresh_token: refreshToken }
  }
}
