/*
 * JPEG pictures for the tests, painted by the browser itself. Each carries its number in six
 * squares along its lower edge, so that a test can read off the canvas which picture is shown.
 */
import type { Browser } from 'playwright-core';

export const PICTURES = 64;
export const SIZE = { width: 640, height: 480 };

export async function paintPictures(browser: Browser): Promise<Buffer[]> {
  const page = await browser.newPage();
  const urls = await page.evaluate(
    ({ count, width, height }) => {
      const canvas = document.createElement('canvas');
      canvas.width = width;
      canvas.height = height;
      const paint = canvas.getContext('2d') as CanvasRenderingContext2D;
      const list: string[] = [];
      for (let n = 0; n < count; n++) {
        const sky = paint.createLinearGradient(0, 0, 0, height);
        sky.addColorStop(0, '#7d8c99');
        sky.addColorStop(0.55, '#aab4b8');
        sky.addColorStop(0.56, '#5d6660');
        sky.addColorStop(1, '#474d48');
        paint.fillStyle = sky;
        paint.fillRect(0, 0, width, height);
        paint.fillStyle = '#6e5f52';
        paint.fillRect(60, 120, 190, 200);
        paint.fillStyle = '#d9cf9e';
        for (let k = 0; k < 3; k++) paint.fillRect(80 + k * 55, 150, 32, 40);
        paint.fillStyle = '#2e4436';
        paint.beginPath();
        paint.arc(520, 200, 90, 0, 7);
        paint.fill();
        paint.fillStyle = '#22272b';
        paint.beginPath();
        paint.ellipse(40 + n * 9, 330, 14, 40, 0, 0, 7);
        paint.fill();
        for (let bit = 0; bit < 6; bit++) {
          paint.fillStyle = (n >> bit) & 1 ? '#fff' : '#000';
          paint.fillRect(bit * 40, height - 40, 40, 40);
        }
        list.push(canvas.toDataURL('image/jpeg', 0.8));
      }
      return list;
    },
    { count: PICTURES, ...SIZE },
  );
  await page.close();
  return urls.map((url) => Buffer.from(url.slice(url.indexOf(',') + 1), 'base64'));
}
