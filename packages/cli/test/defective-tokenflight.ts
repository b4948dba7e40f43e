import { registerHooks } from 'node:module'

// For --import: the side of tokenflight goes the usual way, too, so that the demo has a defect to find.
registerHooks({
  resolve(specifier, context, nextResolve) {
    if (!specifier.endsWith('/with-tokenflight.ts')) return nextResolve(specifier, context)
    const usualWay = JSON.stringify(new URL('./usual-way.ts', new URL(specifier, context.parentURL)).href)
    const source = `import { usualWay } from ${usualWay}
      export const withTokenflight = (options) => usualWay({ ...options, fetch })`
    return { url: `data:text/javascript,${encodeURIComponent(source)}`, shortCircuit: true }
  },
})
