"""Units, high-rise flats, estates, villages and boxes as people write and say them, in braces."""

import pytest

from stages.pii.values import addresses

SAID = """
    {Flat 2, 14 Cedar Road, Leeds LS6 2AB}
    {Apt. 4B, 220 West 31st Street}
    {221 elm tree lane, apt 4}
    {12 maple grove road, flat 3}
    our place is {45 birch avenue}
    i'm on {18 station road}
    meet me at {9 lime walk}
    {Unit 3, Stage 2, 14 Palm Avenue}
    {Tower B, Unit 1204, 88 Harbour Street}
    {House 12, Block C, Palm Villas}
    {14 Cedar Road, Stair 2, Flat 6}
    {14/3 Leith Walk}
    {Flat 2F1, 14 Leith Walk}
    {2/1, 44 Byres Road}
    {14 Cedar Road, first floor flat}
    {The Basement, 14 Cedar Road}
    {Garden Apartment, 220 Fulton Street}
    {14 Cedar Road, rear unit}
    {Avenida del Sol 44, piso 3, puerta B}
    {Calle Nogal 7, esc. B, 4º C}
    {Rua do Sol 18, 2º Dto}
    {Rua Augusta 1200, apto 44}
    {ul. Lipowa 14 m. 7}
    {ul. Lipowa 14/7}
    {Lindengasse 12/2/9}
    {Lindenweg 4, 2. OG links}
    {Kerkstraat 12 bus 4}
    {Björkvägen 3, lgh 1203}
    {Elmevej 8, 1. tv}
    {Via Garibaldi 12, interno 5, scala A}
    {12 rue des Fleurs, appt 4}
    {12 rue des Fleurs, 3ème étage}
    {Fő utca 12, 2. emelet 5}
    {No. 15, Jalan Kenanga 3}
    {Blk 44 Bedok North Road #08-112}
    {Lot 12, Jalan Mawar}
    {Flat 302, Sai Residency, MG Road}
    {B-204, Green Heights}
    {Rm 8, 3/F, 22 Nathan Road, Kowloon}
    {12/F, Flat B, Wing Hing Building, 33 Queen's Road West}
    {Block 3, 15/F, Flat G, Taikoo Shing}
    {香港九龍彌敦道22號3樓8室}
    {太古城金殿台3座15樓G室}
    {台中市西屯區臺灣大道三段99號12樓之3}
    {中山路二段45巷6弄7之1號3樓}
    {忠孝東路四段216巷27弄3號}
    家在{清水湾三期B座1203}
    {龙湖花园一期二区6栋二单元301}
    {和谐家园12-3-402}
    {南苑5号楼东单元402}
    {向阳小区3号楼1门501}
    {红星村5组18号}
    {青山乡石头村六组}
    {石头村上寨组12号}
    {新华街道建设社区3栋402}
    {翠竹路翠竹苑8栋A座1504}
    {翠竹苑8栋A座15楼}
    {87012部队56分队}
    {87012部队}
    {新疆乌鲁木齐市87012部队}
    I live at {Calle del Olmo 14, 2º B}
    Send it to {Via dei Tigli 9, int. 4}
    {Storgatan 15 lgh 1102}
    {Avenida Corrientes 2210 piso 4 dept. B}
    {Calle Alameda 33, piso 2}
    I'm at {14 Cedar Road, basement flat}
    {14 Cedar Road, garden flat}
    {Garden Flat, 14 Cedar Road}
    {Basement Flat, 9 Abbey Terrace}
    {22 Palmer Street, Tower 2}
    {9 Station Road, Block C}
    i live at {12 maple grove road}
    we are at {7 rose hill close} now
    send it to {221 elm tree lane}
    {Flat A, 12/F, Tower 3, Cherry Garden, Sha Tin}
    {Flat C, 8/F, Block 2, Harmony Court}
    {Room 1203, 12/F, Lok Fu House, Lok Fu Estate}
    我住在{柳树村民组3号}
    {翠竹苑二期6座1203室}
    {翠竹苑3区6座1203}
    {金沙湾一期8幢2梯301室}
    送到{台北市信義區松仁路二段15巷3弄8號4樓之2}
    {松仁路15巷8號之3}
    {大安區和平東路三段120號5樓}
    {河北省保定市66055部队21信箱}
    {66055部队3分队}
    {某某市88012信箱7分队}
    {12号楼三门402}
    {梧桐花园12号楼2门洞401}
    我家在{桃源村三组}
    {柳河村3组12号}
    {幸福新村A区3栋402}
    {枫林小区南区5栋2单元301}
    {东升村二队8号}
    {和平里七区12楼3门501}
    {大明小区北座2203}
    {锦绣城B座2单元801}
    {明珠家园4号楼A座15层1502}
    {新北市板橋區文化路一段188巷12弄3號5樓之2}
    {高雄市三民區建工路415號7樓之1}
    寄到{建国路8号院3号楼2门6层602}
    {城南新区龙湖花园三期12座502}
    {梧桐里12号楼四门洞302}
    我在{93012部队25分队}服役
    {山西省太原市88066信箱12分队}
    {阳光花园2座3梯502}
    {Flat 3B, 15/F, Block 7, Phase 2, Lakeview Garden, Tai Po}
    {Mei Foo Court, Block 3, Flat 12A}
    we live at {9 fernleigh gardens}
    she's at {31 old mill walk}
    {23 Harbour Street, Apt 5, Stage 2}
    {Hauptstraße 14, 3. Stock, Tür 8}
    {Rua das Flores 22, 3º esq.}
    {Calle Mayor 5, 3º izquierda}
    {Calle Mayor 5, bajo B}
    {Kungsgatan 8, 2 tr}
    {Via Roma 4, scala B, interno 7}
    {8 rue des Lilas, bâtiment B, 3e étage}
    {Vestergade 10, 2. th}
    {12 Hill Road, Lower Ground Floor}
    {12 Hill Road, Basement}
    {Lower Ground Floor, 12 Hill Road}
    {Top Floor Flat, 12 Hill Road}
    {42 Elm Street, Staircase 3}
    {九龍觀塘協和街33號宏基大廈12樓B室}
    {沙田第一城45座8樓C室}
    {屯門兆康苑兆麟閣1203室}
    {柳树村第三村民小组}
    {柳树村三组村民组12号}
    {望京西园四区412楼1单元1203}
    {纺织厂家属院3排5号}
    {滨江壹号6-1-2203}
    {翠湖天地12幢乙单元501}
    {西湖区文三路云栖小区三期西区7幢2单元1201室}
    {梧桐苑2区15栋}
    {南山区科技园科苑路15号B座12楼1203}
    {松山镇柳河村柳河屯27号}
    我的美国税号是{912-34-5678}
"""


@pytest.mark.parametrize("line", SAID.strip().splitlines())
def test_found_whole(line: str) -> None:
    marked = line.strip()
    start, end, text = marked.index("{"), marked.index("}") - 1, marked.replace("{", "").replace("}", "")
    covered = {place for span in addresses.find(text) for place in range(span.start, span.end)}
    assert [text[n] for n in range(start, end) if text[n].isalnum() and n not in covered] == []
    assert [text[n] for n in covered if text[n].isalnum() and not start <= n < end] == []
