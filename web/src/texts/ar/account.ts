import { figure } from "./figure.js";

const plural = new Intl.PluralRules("ar");

/** Arabic counts: none, one, two, few (3–10), many (11–99) and others, each with its form of the noun. */
type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

function count(n: number, forms: Forms): string {
  return (forms[plural.select(n)] ?? forms.other).replace("#", figure(n));
}

const seconds = (n: number) =>
  count(n, { one: "ثانية واحدة", two: "ثانيتين", few: "# ثوانٍ", many: "# ثانية", other: "# ثانية" });

export const account = {
  chat: "الدردشة",
  back: "الرجوع إلى جهات الاتصال",
  close: "إغلاق",
  starting: "جارٍ بدء الدردشة…",
  tryAgain: "إعادة المحاولة",
  notStarted: "تعذّر بدء الدردشة لأن جزءًا منها لا يمكن جلبه.",
  unread: (n: number) =>
    count(n, {
      zero: "لا رسائل غير مقروءة",
      one: "رسالة واحدة غير مقروءة",
      two: "رسالتان غير مقروءتين",
      few: "# رسائل غير مقروءة",
      many: "# رسالة غير مقروءة",
      other: "# رسالة غير مقروءة",
    }),
  openUnread: (name: string) => `افتح الأحدث، مع ${name}`,
  blocked: "منع المتصفح نافذة الدردشة.",
  openTab: "افتحها في علامة تبويب",
  panes: { contacts: "جهات الاتصال", details: "التفاصيل", preview: "المعاينة" },
  appearances: { available: "متاح", away: "بعيد", busy: "مشغول", unavailable: "غير متاح" },
  statuses: { available: "متاح", away: "بعيد", busy: "مشغول", offline: "غير متصل" },
  status: {
    menu: "الحالة",
    is: (status: string) => `الحالة: ${status}`,
    unknown: "الحالة غير معروفة بعد",
    idle: "بعيد إلى أن تحرّك المؤشر أو تضغط مفتاحًا",
    wished: (status: string) => `${status} فور الاتصال`,
    offline: "يراك الآخرون غير متاح في بريد الويب، ولا تظهر لك حالة أحد، وتبقى برامج الدردشة الأخرى مسجّلة الدخول.",
  },
  offline: {
    banner: "أنت غير متصل في بريد الويب: لا تصل رسائل إلى هنا، ويظهر الجميع غير متاحين.",
    end: "كن متاحًا",
  },
  logOut: {
    action: "تسجيل الخروج",
    title: "هل تسجّل الخروج وهناك رسائل لم تُرسل؟",
    body: (n: number) =>
      count(n, {
        one: "رسالة واحدة لم تُرسل بعد وستضيع إذا سجّلت الخروج الآن.",
        two: "رسالتان لم تُرسلا بعد وستضيعان إذا سجّلت الخروج الآن.",
        few: "# رسائل لم تُرسل بعد وستضيع إذا سجّلت الخروج الآن.",
        many: "# رسالة لم تُرسل بعد وستضيع إذا سجّلت الخروج الآن.",
        other: "# رسالة لم تُرسل بعد وستضيع إذا سجّلت الخروج الآن.",
      }),
    stay: "البقاء",
    leave: "تسجيل الخروج مع ذلك",
  },
  logIn: {
    title: "تسجيل الدخول إلى الدردشة",
    address: "العنوان",
    password: "كلمة المرور",
    show: "إظهار كلمة المرور",
    action: "تسجيل الدخول",
    busy: "جارٍ تسجيل الدخول…",
    wait: (n: number) => `تسجيل الدخول (بعد ${seconds(n)})`,
    addressMissing: "أدخل عنوانك، مثل \u2066alice@example.com\u2069.",
    passwordMissing: "أدخل كلمة المرور.",
  },
  problems: {
    wrong_credentials: "العنوان أو كلمة المرور غير صحيحة.",
    bad_address: "هذا ليس عنوانًا. يكون العنوان على هذا الشكل: \u2066alice@example.com\u2069",
    session_expired: "انتهت جلستك. سجّل الدخول من جديد.",
    session_forged: "لم تعد جلستك صالحة. سجّل الدخول من جديد.",
    sign_on_unavailable: "لا يمكن التحقق من الدخول الموحّد الآن. حاول بعد قليل.",
    unreachable: "تعذّر الوصول إلى الدردشة. تحقق من الاتصال ثم أعد المحاولة.",
    busy: "الدردشة مشغولة جدًا الآن. حاول بعد قليل.",
    sign_on_failed: "لم يستطع بريد الويب إدخالك إلى الدردشة.",
    other_address: "أدخل بريد الويب شخصًا غير الذي سجّل دخوله فيه.",
    otherwise: (code: string) => `لم ينجح ذلك (\u2066${code}\u2069).`,
  },
  tooManyAttempts: (n: number) => `محاولات كثيرة جدًا. يمكنك المحاولة من جديد بعد ${seconds(n)}.`,
  tooManyAttemptsOver: "يمكنك المحاولة الآن.",
  signOn: {
    title: "جارٍ الدخول…",
    refused: "رُفض الدخول",
    left: "لقد سجّلت الخروج من الدردشة.",
    action: "تسجيل الدخول",
    reason: (reason: string, message: string) => [message, `(\u2066${reason}\u2069)`].filter(Boolean).join(" "),
  },
  line: {
    connecting: "جارٍ الاتصال…",
    connected: "تم الاتصال",
    waiting: (n: number) => `لا يوجد اتصال. إعادة المحاولة بعد ${seconds(n)}`,
    noConnection: "لا يوجد اتصال. ستُعاد المحاولة.",
    now: "حاول الآن",
    unplugged: "هذا الجهاز غير متصل بالشبكة",
    fetching: "جارٍ جلب ما فاتك…",
  },
  settings: {
    title: "الإعدادات",
    notifications: "إشعارات المتصفح",
    notificationsAsk: "سيسألك المتصفح إن كان يُسمح له بعرضها.",
    notificationsBlocked:
      "يمنعها المتصفح لهذا الموقع. اسمح بالإشعارات في إعدادات الموقع التي تفتحها الأيقونة بجانب عنوان الصفحة.",
    notificationsNone: "لا إشعارات في هذا المتصفح.",
    sound: "صوت عند وصول رسائل جديدة",
    titleCount: "عدد غير المقروء في عنوان الصفحة",
    theme: "المظهر",
    themes: { system: "حسب النظام", light: "فاتح", dark: "داكن" },
    language: "اللغة",
    browserLanguage: "حسب المتصفح",
  },
  notice: {
    from: (name: string) => `رسالة جديدة من ${name}`,
    of: (sender: string, body: string) => `${sender}: ${body}`,
  },
};
