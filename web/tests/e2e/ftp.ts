/* As little of an FTP client as a camera is. */
import { connect, type Socket } from 'node:net';

class Lines {
  #text = '';
  #waiting: ((line: string) => void)[] = [];
  constructor(socket: Socket) {
    socket.on('data', (data) => {
      this.#text += data.toString('latin1');
      for (;;) {
        const end = this.#text.indexOf('\r\n');
        if (end < 0 || this.#waiting.length === 0) return;
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        this.#waiting.shift()?.(line);
      }
    });
    socket.on('close', () => {
      for (const done of this.#waiting.splice(0)) done('closed');
    });
  }
  next(): Promise<string> {
    return new Promise((done) => {
      const end = this.#text.indexOf('\r\n');
      if (end < 0) return void this.#waiting.push(done);
      const line = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 2);
      done(line);
    });
  }
}

export interface Upload {
  port: number;
  user: string;
  password: string;
  path: string;
  bytes: Buffer;
}

/** The last answer: "226 ..." when it was taken. */
export async function upload({ port, user, password, path, bytes }: Upload): Promise<string> {
  const control = connect(port, '127.0.0.1');
  control.on('error', () => undefined);
  const lines = new Lines(control);
  const ask = async (line: string) => {
    control.write(`${line}\r\n`);
    return lines.next();
  };
  try {
    await lines.next();
    await ask(`USER ${user}`);
    const login = await ask(`PASS ${password}`);
    if (!login.startsWith('230')) return login;
    await ask('TYPE I');
    const passive = /\|\|\|(\d+)\|/.exec(await ask('EPSV'));
    const data = connect(Number(passive?.[1]), '127.0.0.1');
    data.on('error', () => undefined);
    const begun = await ask(`STOR ${path}`);
    if (!begun.startsWith('150')) return begun;
    data.end(bytes);
    return await lines.next();
  } finally {
    control.destroy();
  }
}
