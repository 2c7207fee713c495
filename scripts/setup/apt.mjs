import { spawnSync } from 'node:child_process'
import { isOnPath, run } from './command.mjs'

/*
 * Debian starts a service when it installs it, and again with every boot. Only the programs are wanted here. policy-rc.d is
 * asked before a package starts anything: this one refuses the services named for as long as the installation runs, so that it
 * does no harm should it be left behind. An existing policy stays what it is.
 *
 * $1 packages, $2 services
 */
const SCRIPT = `
export DEBIAN_FRONTEND=noninteractive
packages=$1 services=$2
policy=/usr/sbin/policy-rc.d
if [ -n "$services" ] && [ ! -e $policy ]; then
  trap 'rm -f $policy' EXIT
  trap 'exit 130' HUP INT TERM
  {
    printf '#!/bin/sh\\nkill -0 %s 2>/dev/null || exit 0\\n' $$
    for service in $services; do printf 'case " $* " in *" %s "*) exit 101;; esac\\n' $service; done
  } > $policy && chmod 755 $policy || exit 1
fi
install () { apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends $packages; }
install || { apt-get -o DPkg::Lock::Timeout=120 update && install; } || exit 1
if [ -n "$services" ] && [ -d /run/systemd/system ]; then systemctl disable --now $services || true; fi
`

/** Whether packages of Debian can be installed here without a password. */
export function canAptInstall () {
  return isOnPath('apt-get') && rootPrefix() !== undefined
}

/** Installs Debian packages; their services are neither started now nor at the next boot. Answers undefined, or what apt-get printed when it failed. */
export function aptInstall (packages, services) {
  const [command, ...args] = [...rootPrefix(), 'sh', '-c', SCRIPT, 'sh', packages.join(' '), services.join(' ')]
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  return status === 0 ? undefined : `${stdout}${stderr}`
}

/** Returns the words before a command that needs root: none, or sudo when that asks no password, or undefined. */
function rootPrefix () {
  if (process.getuid?.() === 0) return []
  return isOnPath('sudo') && run('sudo', ['-n', 'true'], { stdio: 'ignore' }) ? ['sudo', '-n'] : undefined
}
