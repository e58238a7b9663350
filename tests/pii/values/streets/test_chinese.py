"""Chinese addresses, simplified and traditional, in writing and in talk."""

import pytest

from stages.pii.values import addresses
from tests.pii.values.streets.covered import is_covered


@pytest.mark.parametrize(
    "address",
    [
        "上海市徐汇区漕溪北路88弄12号501室",
        "3栋2单元1502",
        "5幢1单元301室",
        "12号楼3单元702",
        "三栋二单元五零二",
        "春江花园8幢,嗯,2单元,那个1102",
        "阳光花园七号楼一单元三零一",
        "台北市信義區忠孝東路五段12號7樓之2",
        "香港九龍觀塘道388號創紀之城1座12樓",
        "永和路2段36巷15弄8號4樓",
        "柳树村3组12号",
        "河北省保定市清苑县大庄镇小王村5组",
        "天津市河西区友谊路\n35号城市大厦\n2201室",
        "江苏省南京市鼓楼区紫竹大厦A座1203室",
        "光华路甲8号和平大厦B座1105",
        "云龙明苑21号楼2-302",
        "橡树湾B区7号楼1206",
        "100-23号信箱",
        "解放路一百二十号",
    ],
)
@pytest.mark.parametrize("frame", ["我住在{}。", "请寄到{}，谢谢", "房子在{}，钥匙在门口"])
def test_found_whole(address: str, frame: str) -> None:
    assert is_covered(address, frame.format(address))


@pytest.mark.parametrize(
    "text",
    [
        "三室两厅一卫，3房2卫，2室1厅",
        "一共三栋楼，每栋十八层，两梯四户",
        "有，同一栋，六十一方两房",
        "1栋300平的别墅，6栋8000元一平",
        "我三号下午三点去看，15号左右过户",
        "8号楼2024年交房",
        "他们村3组人",
        "二楼八千一平，一层三百平",
    ],
)
def test_a_count_is_no_home(text: str) -> None:
    assert addresses.find(text) == []
