/** Which build this is: a window and a service of two builds do not understand each other. */

declare const __BUILD__: string;

export const BUILD = __BUILD__;
