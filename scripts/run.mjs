#!/usr/bin/env node
// `npm run demo` on a machine that has only Node and npm: runs a script of package.json with the pnpm that this repository
// pins (through npx when pnpm is not what called us), after installing what is missing. Only the script writes to stdout.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const { packageManager } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const major = packageManager.split('@')[1].split('.')[0]
const calledByPnpm = (process.env.npm_config_user_agent ?? '').startsWith(`pnpm/${major}.`)
const [command, ...prefix] = calledByPnpm ? ['pnpm'] : ['npx', '--yes', packageManager]

// What npm tells its scripts would reach pnpm as configuration of its own.
const env = { ...process.env }
const npmsOwn =
  /^npm_(lifecycle|package|execpath|command|node_execpath|config_(user_agent|prefix|global_prefix|local_prefix|noproxy|node_gyp|init_module|userconfig|globalconfig|npm_version|loglevel))/i
for (const name of Object.keys(env)) if (npmsOwn.test(name)) delete env[name]

// Tests, chaos and the demo start hundreds of processes: with what Node has compiled before, each starts in a third of the time.
env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../node_modules/.cache/node', import.meta.url))

function pnpm(args, stdout) {
  const { status, signal, error } = spawnSync(command, [...prefix, ...args], {
    cwd: new URL('..', import.meta.url),
    stdio: ['inherit', stdout, 'inherit'],
    env,
    shell: process.platform === 'win32',
  })
  if (error) throw error
  return signal ? 1 : (status ?? 1)
}

const install = ['install', '--frozen-lockfile', '--prefer-offline']
const upToDate =
  existsSync(new URL('../node_modules/.modules.yaml', import.meta.url)) && pnpm(['--silent', ...install], 2) === 0
const failed = upToDate ? 0 : pnpm(install, 2)
process.exit(failed || pnpm(['--silent', 'run', ...process.argv.slice(2)], 'inherit'))
