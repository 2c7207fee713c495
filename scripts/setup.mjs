/*
 * Prepares a checkout for `npm start` and `npm test`, and does nothing if it is ready:
 *
 *   packages   npm ci, when node_modules does not match package-lock.json
 *   Node.js    the version that the package `node` brings, when the installed one is too old
 *   Redis      redis-server by apt-get where that needs no password, unless REDIS_URL names a Redis
 *   test tools Chromium and Prometheus by apt-get where that needs no password, for tests and screenshots only
 *
 * Runs before start, worker, dev, test, bench, prove, cli and screenshots, on any Node.js from 18 on, with nothing
 * installed. `--no-redis` skips Redis, for images that bring their own.
 */
import { fileURLToPath } from 'node:url'
import { say, SetupError } from './setup/command.mjs'
import { bringNode, installPackages, isNodeMissing, packageMismatch } from './setup/packages.mjs'
import { installRedis, isRedisMissing } from './setup/redis.mjs'
import { withSetupLock } from './setup/setup-lock.mjs'
import { areTestToolsMissing, installTestTools } from './setup/test-tools.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
/** The npm script that runs this: prestart, preworker, predev, pretest; undefined when run by hand. */
const occasion = process.env.npm_lifecycle_event
const withRedis = !process.argv.includes('--no-redis')

const isIncomplete = () =>
  packageMismatch(root, occasion) !== undefined || isNodeMissing(root) ||
  (withRedis && isRedisMissing(root, occasion)) || areTestToolsMissing(occasion)

function complete () {
  // The step that fails fastest comes first.
  if (withRedis && isRedisMissing(root, occasion)) installRedis()
  if (areTestToolsMissing(occasion)) installTestTools()
  const mismatch = packageMismatch(root, occasion)
  if (mismatch !== undefined) installPackages(root, mismatch)
  if (isNodeMissing(root)) bringNode(root)
}

try {
  if (isIncomplete()) withSetupLock(root, complete)
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  say(error.message)
  process.exitCode = 1
}
