import { registerHooks } from 'node:module'

// For --import: the side of tokenflight goes the usual way, too, so that the demo has a defect to find.
registerHooks({
  resolve(specifier, context, nextResolve) {
    if (!specifier.endsWith('/with-tokenflight.ts')) return nextResolve(specifier, context)
    const source = `export { usualWay as withTokenflight } from ${JSON.stringify(new URL('./usual-way.ts', new URL(specifier, context.parentURL)).href)}`
    return { url: `data:text/javascript,${encodeURIComponent(source)}`, shortCircuit: true }
  },
})
