#!/usr/bin/env node
// Writes into every package where it comes from: provenance names the repository, and the registry compares it with what the package says.
// Only a release knows that: it runs in the repository.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

const { GITHUB_SERVER_URL, GITHUB_REPOSITORY } = process.env
if (GITHUB_SERVER_URL === undefined || GITHUB_REPOSITORY === undefined) {
  console.error(
    'Releases are made by .github/workflows/release.yml: GITHUB_SERVER_URL and GITHUB_REPOSITORY are not set here.',
  )
  process.exit(2)
}
const url = `git+${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}.git`
for (const dir of readdirSync('packages')) {
  const file = `packages/${dir}/package.json`
  const description = JSON.parse(readFileSync(file, 'utf8'))
  const repository = { type: 'git', url, directory: `packages/${dir}` }
  writeFileSync(file, `${JSON.stringify({ ...description, repository }, null, 2)}\n`)
}
