import { runTogether } from './run-together.ts'

await runTogether('test/system/{backlog,descriptors,garbage,idle-connection,long-line,slow-clients}.test.ts')
