import { runTogether } from './run-together.ts'

await runTogether('test/system/{backlog,descriptors,early-answer,garbage,idle-connection,long-line,many-connections,pipelined,slow-clients}.test.ts')
