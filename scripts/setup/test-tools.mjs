import { aptInstall, canAptInstall } from './apt.mjs'
import { isOnPath, say, SetupError } from './command.mjs'

/** The programs that only tests run: the names on the PATH, and the package and its services in Debian. */
const TOOLS = [
  {
    what: 'Chromium',
    programs: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    package: 'chromium',
    services: []
  },
  // The package includes promtool.
  { what: 'Prometheus', programs: ['prometheus'], package: 'prometheus', services: ['prometheus'] }
]

const isMissing = ({ programs }) => !programs.some(isOnPath)

/** The scripts that run them. */
const OCCASIONS = new Set(['pretest', 'prescreenshots'])

/**
 * Whether tests need a missing program that can be installed here. If it cannot, these tests are skipped and say so.
 */
export function areTestToolsMissing (occasion) {
  return OCCASIONS.has(occasion) && TOOLS.some(isMissing) && (canAptInstall() || isContinuous())
}

/** Installs the programs that tests of the dashboard and of the alerts run. */
export function installTestTools () {
  const missing = TOOLS.filter(isMissing)
  const names = missing.map(({ what }) => what).join(' and ')
  const packages = missing.map((tool) => tool.package)
  if (!canAptInstall())
    throw new SetupError(`a whole test run needs ${names} on the PATH; run apt-get install ${packages.join(' ')}`)
  say(`no ${names} on the PATH, which tests need; installing with apt-get`)
  const failure = aptInstall(packages, missing.flatMap(({ services }) => services))
  if (failure === undefined) say(`${names} installed; no system service is started`)
  else if (isContinuous()) throw new SetupError(`apt-get could not install ${packages.join(' ')}:\n${failure}`)
  else say(`apt-get could not install ${packages.join(' ')}; skipping the tests that need them`)
}

/** Tests may be skipped only if a person sees which ones. */
function isContinuous () {
  return process.env.CI === 'true'
}
