"""Tables of the noise pack, written for it."""

from __future__ import annotations

_PAIRS = (
    "未末 己已 土士 日曰 人入 大太 天夭 干千 贝见 兔免 货贷 拔拨 末未 申甲 由田 己巳 住往 侯候 "
    "历厉 广厂 卖买 折拆 析折 抱报 订钉 单草 快决 递第 退腿 款欵 换唤 收攸 到倒 发友 没设 问间 "
    "间问 们门 电申 话活 号亏 码玛 付附 钱浅 价介 优忧 惠慧 券卷 坏怀 修俢 保堡 证征 登蹬 录绿 "
    "密蜜 改攺 地池 址扯 取娶 消捎 投设 诉拆 客容 服眼 工土"
)
LOOK_ALIKE = {pair[0]: pair[1] for pair in _PAIRS.split()}
"""Characters that are taken for one another by shape."""

EMOJI = tuple("😀😂😭😡🤬👍🙏❤🎉🔥😅🥺📦🚚💰🤔")

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
KEYBOARD = {
    key: row[max(0, at - 1) : at] + row[at + 1 : at + 2]
    for row in _ROWS
    for at, key in enumerate(row)
}
"""The keys beside each key."""

MIXED = {
    "订单": "order",
    "退款": "refund",
    "快递": "express",
    "发票": "invoice",
    "优惠券": "coupon",
    "账号": "account",
    "密码": "password",
    "手机": "phone",
    "地址": "address",
    "客服": "service",
    "取消": "cancel",
    "付款": "pay",
    "价格": "price",
    "音乐": "music",
    "天气": "weather",
    "明天": "tomorrow",
    "今天": "today",
    "打开": "open",
    "关闭": "close",
    "播放": "play",
    "设置": "set",
    "邮件": "email",
    "闹钟": "alarm",
    "提醒": "remind",
    "餐厅": "restaurant",
    "新闻": "news",
    "order": "订单",
    "refund": "退款",
    "card": "卡",
    "account": "账户",
    "money": "钱",
    "password": "密码",
    "delivery": "送货",
    "payment": "付款",
    "cancel": "取消",
}
