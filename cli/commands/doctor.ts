import { join } from 'node:path'
import { ConfigError } from '../../services/config/config-error.ts'
import { redactUrl } from '../../services/config/redaction.ts'
import { loadFolder } from '../../services/registry/load-folder.ts'
import { CHECK_SHAPE, error, isCheck } from '../doctor/finding.ts'
import { gatherFacts } from '../doctor/gather/facts.ts'
import { reportText, tally, type NamedFinding } from '../doctor/report.ts'
import { EXIT } from '../exit-code.ts'
import type { CliCommand, Session } from '../session.ts'

const CHECKS = join(import.meta.dirname, '../doctor/checks')

const HELP = `
Reads the environment of the service (and a file .env) and checks its Redis, its DATA_DIR and, if one runs, the service.
It changes nothing. The exit code is 1 if there is an error; warnings do not count.

Examples:
  $ npx spillway doctor
  $ REDIS_URL=redis://cache:6379 npx spillway doctor
  $ npx spillway doctor --json | jq '.findings[] | select(.severity == "error")'`

const doctor: CliCommand = {
  describe: (command, action) => command
    .description('Check Redis, the configuration, the disk and the service, and say what to do')
    .addHelpText('after', HELP)
    .action(action(async (session) => {
      const findings = await examine(session)
      const counts = tally(findings)
      if (session.isJson) session.sayJson({ findings, ...counts })
      else session.say(reportText(findings, session.paint))
      return counts.error > 0 ? EXIT.failed : EXIT.ok
    }))
}

export default doctor

async function examine (session: Session): Promise<NamedFinding[]> {
  try {
    const facts = await gatherFacts(session, redactUrl(session.adminUrl))
    const checks = await loadFolder(CHECKS, isCheck, CHECK_SHAPE)
    return checks.flatMap(({ name, value }) => value(facts).map((finding) => ({ check: name, ...finding })))
  } catch (problem) {
    if (!(problem instanceof ConfigError)) throw problem
    // The service does not start with these values, so no other check applies.
    return problem.problems.map(({ key, given, allowed }) => ({
      check: 'configuration',
      ...error(`${key} is ${given}`, 'the service does not start with it; no other check ran', `${key}: ${allowed}`)
    }))
  }
}
