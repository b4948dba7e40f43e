import { defineConfig } from 'tsup'

/** Every package builds with this one config: ESM and CommonJS, declarations for both, source maps. */
export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  dts: true,
  sourcemap: true,
  clean: true,
  target: 'es2022',
})
