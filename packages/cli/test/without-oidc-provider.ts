import { registerHooks } from 'node:module'

// For --import: the machine of somebody who has not installed oidc-provider.
registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier !== 'oidc-provider') return nextResolve(specifier, context)
    throw Object.assign(new Error(`Cannot find package '${specifier}'`), { code: 'ERR_MODULE_NOT_FOUND' })
  },
})
