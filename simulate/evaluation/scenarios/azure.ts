import type { Scenario } from '../scenario.ts'

const azure: Scenario = {
  title: 'Azure Functions',
  trace: 'azure-functions-2019-day-500-organizations.csv.gz',
  flags: ['--from', '37800', '--seconds', '4500', '--scale', '0.25']
}

export default azure
