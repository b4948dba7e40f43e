import { TokenError, type TokenSource } from '@tokenflight/core'
import { type BearerOptions, type Fetch, withBearer } from './with-bearer.ts'

const installed = new WeakMap<object, Set<TokenSource>>()

/**
 * Replaces `target.fetch` with {@link withBearer} of it, for code that takes no fetch of its own: `installBearer(globalThis, ...)`.
 * Prefer withBearer where you can pass a fetch. Returns the uninstaller: it puts the old fetch back where ours is still in place;
 * where somebody has patched on top, ours stays underneath and passes everything through.
 *
 * @throws TokenError `invalid_option` where these tokens are installed there already, or `origins` is missing or unsafe.
 */
export function installBearer(target: { fetch: Fetch }, tokens: TokenSource, options: BearerOptions): () => void {
  const here = installed.get(target) ?? new Set()
  if (here.has(tokens))
    throw new TokenError(
      'invalid_option',
      'These tokens are installed here already. Call the uninstaller first, or list every origin in one call: origins: [...].',
    )
  const original = target.fetch
  const authorized = withBearer(original, tokens, options)
  let active = true
  const ours: Fetch = (input, init) => (active ? authorized : original)(input, init)
  target.fetch = Object.assign(ours, original)
  installed.set(target, here.add(tokens))
  return () => {
    if (!active) return
    active = false
    here.delete(tokens)
    if (target.fetch === ours) target.fetch = original
  }
}
