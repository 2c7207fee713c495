/*
 * The API and a worker as two processes under pm2: pm2 start ecosystem.config.cjs
 *
 * ADMIN_PORT, if it is set, is a second port of the API; the worker ignores it and has WORKER_PORT.
 *
 * Beyond loopback (HOST) the API needs API_KEYS_FILE, or ALLOW_ANONYMOUS_PRODUCERS=true: docs/PRODUCERS.md.
 *
 * Both read .env, and pm2 hands on the environment of the shell: DELIVERY_URL, DELIVERY_SECRET, RULES_FILE and
 * WITHOUT_HANDLER reach both alike. Without REDIS_URL they share one embedded Redis in DATA_DIR, and whichever lives
 * keeps it running.
 *
 * `pm2 reload` is a restart here: pm2 stops a process in fork mode before it starts the next one, and until that
 * listens producers are refused connections. Run several replicas behind a load balancer, and restart them one by one,
 * if that must not be.
 */
const { existsSync } = require('node:fs')
const { join } = require('node:path')

/** Node.js 22.19 or newer; the one that npm installed for development where there is one. */
const packaged = join(__dirname, 'node_modules', '.bin', 'node')
const interpreter = existsSync(packaged) ? packaged : 'node'

/**
 * Longer than SHUTDOWN_DELAY_MS and SHUTDOWN_DEADLINE_MS together, and the embedded Redis stops after them. Raise it
 * with them.
 */
const KILL_TIMEOUT_MS = 20_000

const app = (role) => ({
  name: `spillway-${role}`,
  script: 'server.mjs',
  cwd: __dirname,
  interpreter,
  node_args: ['--env-file-if-exists=.env', '--max-semi-space-size=16'],
  exec_mode: 'fork',
  env: { ROLE: role },
  kill_timeout: KILL_TIMEOUT_MS,
  // By default pm2 would end the embedded Redis at once, and with it the queue during its drain.
  treekill: false
})

module.exports = { apps: [app('api'), app('worker')] }
