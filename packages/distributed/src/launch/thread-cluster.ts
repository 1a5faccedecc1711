import type { Member } from '../master/members/member.js';
import { WorkerService } from '../protocol/gen/distributed_pb.js';
import { portConnection } from '../protocol/port-client.js';
import { closedChannel } from '../training/channel/memory-channel.js';
import { PortChannel } from '../training/channel/port-channel.js';
import { taskName } from '../worker/worker.js';
import type { SupervisedCluster } from './local-cluster.js';
import type { CheckedThreads } from './local-cluster-options.js';
import { localMaster } from './local-master.js';
import {
  SupervisedTasks,
  supervisedCalls,
  type TaskPlace,
  trainingTasks,
} from './supervised-tasks.js';
import { startTaskThread, type TaskThread } from './task-thread.js';

/** A cluster whose tasks are threads of this process; its master is in this thread. */
export interface ThreadCluster extends SupervisedCluster {
  /** How the master reaches the tasks. */
  readonly members: readonly Member[];
}

/** Starts the threads, which end with this process. Errors: RUN_FAILED where one does not start. */
export async function createThreadCluster(options: CheckedThreads): Promise<ThreadCluster> {
  const { workers, parameterServers, devices, ...supervision } = options;
  const tasks = new SupervisedTasks<TaskThread>(supervision);
  try {
    const jobs = { worker: workers, ps: parameterServers };
    const start = (place: TaskPlace, name: string) =>
      startTaskThread({
        name,
        address: taskName(place.job, place.task),
        settings: { ...place, devices: devices?.href },
        handOn(to, line) {
          const task = tasks.named(to);
          if (task) task.life.accept(line);
          else line.port.close();
        },
      });
    const addresses = await tasks.startAll(jobs, start);
    const members = Object.values(addresses)
      .flat()
      .map((address) => memberAt(address, tasks));
    const { session, close, watch, add, remove } = localMaster({ members });
    return {
      members,
      training: {
        workers: trainingTasks('worker', addresses),
        servers: trainingTasks('ps', addresses),
        dial(address) {
          const port = tasks.named(address)?.life.open('training');
          return port ? new PortChannel(port) : closedChannel();
        },
        watch,
      },
      addWorker: () =>
        add(async (task) => {
          const place = { job: 'worker', task };
          return memberAt(await tasks.start(place, (name) => start(place, name)), tasks);
        }),
      async removeWorker(name) {
        await remove(name);
        await tasks.end(name);
      },
      session,
      ...supervisedCalls(tasks),
      async close() {
        await close();
        await tasks.close();
      },
    };
  } catch (error) {
    await tasks.close();
    throw error;
  }
}

function memberAt(name: string, tasks: SupervisedTasks<TaskThread>): Member {
  const line = {
    name,
    open: () => tasks.named(name)?.life.open('calls'),
    async ready() {
      const task = tasks.named(name);
      if (task && !task.life.alive) await task.life.ended;
      return task?.listening();
    },
  };
  return { name, address: name, connection: portConnection(WorkerService, line) };
}
