<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en_US">
  <context>
    <name>AboutDialog</name>
    <message>
      <source>A studio for compressing neural networks. It works offline, and opens no connection but those that you ask for.</source>
      <translation>神经网络压缩工作室。离线工作，除您主动要求的连接外不建立任何网络连接。</translation>
    </message>
    <message>
      <source>About Espalier</source>
      <translation>关于 Espalier</translation>
    </message>
    <message>
      <source>Close</source>
      <translation>关闭</translation>
    </message>
    <message>
      <source>Copy versions</source>
      <translation>复制版本信息</translation>
    </message>
    <message>
      <source>Espalier {version}</source>
      <translation>Espalier {version}</translation>
    </message>
    <message>
      <source>License</source>
      <translation>许可证</translation>
    </message>
    <message>
      <source>Part</source>
      <translation>组件</translation>
    </message>
    <message>
      <source>Version</source>
      <translation>版本</translation>
    </message>
    <message>
      <source>Versions</source>
      <translation>版本信息</translation>
    </message>
  </context>
  <context>
    <name>ActivationsTab</name>
    <message>
      <source>&amp;Log</source>
      <translation>对数(&amp;L)</translation>
    </message>
    <message>
      <source>&amp;Range:</source>
      <translation>范围(&amp;R)：</translation>
    </message>
    <message>
      <source>Activation</source>
      <translation>激活</translation>
    </message>
    <message>
      <source>All values are the same.</source>
      <translation>所有值都相同。</translation>
    </message>
    <message>
      <source>Histogram of activations</source>
      <translation>激活直方图</translation>
    </message>
    <message>
      <source>Input</source>
      <translation>输入</translation>
    </message>
    <message>
      <source>Logarithmic counts: rare values are seen</source>
      <translation>对数计数：便于看清少见的值</translation>
    </message>
    <message>
      <source>No activations</source>
      <translation>没有激活</translation>
    </message>
    <message>
      <source>Noise stands in for data.</source>
      <translation>以噪声代替数据。</translation>
    </message>
    <message>
      <source>None</source>
      <translation>无</translation>
    </message>
    <message>
      <source>Open data…</source>
      <translation>打开数据…</translation>
    </message>
    <message>
      <source>Output</source>
      <translation>输出</translation>
    </message>
    <message>
      <source>Real samples give other values.</source>
      <translation>真实样本会给出不同的值。</translation>
    </message>
    <message>
      <source>Side of the layer</source>
      <translation>层的哪一侧</translation>
    </message>
    <message>
      <source>This network cannot be run.</source>
      <translation>此网络无法运行。</translation>
    </message>
    <message>
      <source>{range}: {low} to {high}, error {error} at {bits} bits</source>
      <translation>{range}：{low} 到 {high}，{bits} 位时误差 {error}</translation>
    </message>
    <message>
      <source>{samples} samples, values from {low} to {high}, {zeros} zeros.</source>
      <translation>{samples} 个样本，值从 {low} 到 {high}，其中 {zeros} 个零。</translation>
    </message>
  </context>
  <context>
    <name>Advice</name>
    <message>
      <source>A few hundred samples are enough to measure, too few to train on.</source>
      <translation>几百个样本足以测量，但不足以训练。</translation>
    </message>
    <message>
      <source>Activations of 4 bits need training while they are rounded.</source>
      <translation>4 位激活需要在取整的同时进行训练。</translation>
    </message>
    <message>
      <source>Eight bits are the largest saving that mostly costs no accuracy.</source>
      <translation>8 位是在大多数情况下不损失准确率的最大节省。</translation>
    </message>
    <message>
      <source>Fewer channels, and fewer bits for each weight that is left.</source>
      <translation>减少通道，并减少剩余每个权重的位数。</translation>
    </message>
    <message>
      <source>Half precision loses hardly anything.</source>
      <translation>半精度几乎没有任何损失。</translation>
    </message>
    <message>
      <source>Layers that are solved anew make up for channels that go.</source>
      <translation>重新求解各层，以弥补被移除的通道。</translation>
    </message>
    <message>
      <source>Nothing is to be trained.</source>
      <translation>无需任何训练。</translation>
    </message>
    <message>
      <source>Only less work makes every runtime faster; integers add to that.</source>
      <translation>只有减少计算量才能让所有运行时变快；整数运算可再进一步。</translation>
    </message>
    <message>
      <source>Sparse cores want two of every four weights.</source>
      <translation>稀疏核心要求每四个权重中保留两个。</translation>
    </message>
    <message>
      <source>Weights alone can be rounded.</source>
      <translation>可以只对权重取整。</translation>
    </message>
    <message>
      <source>What is bound by memory gains by smaller weights, not by less work.</source>
      <translation>受内存限制的任务得益于更小的权重，而不是更少的计算。</translation>
    </message>
    <message>
      <source>With eight bits the loss stays small.</source>
      <translation>使用 8 位时损失很小。</translation>
    </message>
    <message>
      <source>Without samples nothing can be measured or trained.</source>
      <translation>没有样本，就无法测量或训练。</translation>
    </message>
    <message>
      <source>Without training, activations keep their precision.</source>
      <translation>不训练时，激活保持原有精度。</translation>
    </message>
    <message>
      <source>Zeros in that pattern cost accuracy, which only training brings back.</source>
      <translation>按该模式置零会损失准确率，只有训练才能恢复。</translation>
    </message>
    <message>
      <source>{number}. {title}</source>
      <translation>{number}. {title}</translation>
    </message>
    <message>
      <source>{number}. {title} – {strength}</source>
      <translation>{number}. {title} – {strength}</translation>
    </message>
  </context>
  <context>
    <name>AdviceDialog</name>
    <message>
      <source>A few hundred samples</source>
      <translation>几百个样本</translation>
    </message>
    <message>
      <source>A few points, if it gets much smaller</source>
      <translation>几个百分点，只要能小很多</translation>
    </message>
    <message>
      <source>A smaller file</source>
      <translation>更小的文件</translation>
    </message>
    <message>
      <source>About a point</source>
      <translation>约一个百分点</translation>
    </message>
    <message>
      <source>An accelerator that computes with 4 bits</source>
      <translation>以 4 位计算的加速器</translation>
    </message>
    <message>
      <source>Faster on this or any processor</source>
      <translation>在这台或任何处理器上更快</translation>
    </message>
    <message>
      <source>How much accuracy may it cost?</source>
      <translation>可以损失多少准确率？</translation>
    </message>
    <message>
      <source>How much data is there?</source>
      <translation>有多少数据？</translation>
    </message>
    <message>
      <source>May the network be trained?</source>
      <translation>可以训练网络吗？</translation>
    </message>
    <message>
      <source>No, it has to be done in one go</source>
      <translation>不可以，必须一次完成</translation>
    </message>
    <message>
      <source>None</source>
      <translation>没有</translation>
    </message>
    <message>
      <source>None that matters</source>
      <translation>几乎不能损失</translation>
    </message>
    <message>
      <source>Sparse cores of a graphics processor</source>
      <translation>图形处理器的稀疏核心</translation>
    </message>
    <message>
      <source>The device is short of memory or slow at reading it</source>
      <translation>设备内存不足，或读取内存较慢</translation>
    </message>
    <message>
      <source>The training data, with labels or without</source>
      <translation>训练数据，有无标签均可</translation>
    </message>
    <message>
      <source>Use this recipe</source>
      <translation>使用此配方</translation>
    </message>
    <message>
      <source>What matters most?</source>
      <translation>最看重什么？</translation>
    </message>
    <message>
      <source>Which should I use?</source>
      <translation>我该用哪一种？</translation>
    </message>
    <message>
      <source>Yes, there is time for it</source>
      <translation>可以，时间充裕</translation>
    </message>
  </context>
  <context>
    <name>ArchitectureDialog</name>
    <message>
      <source>3x32x32: without the batch</source>
      <translation>3x32x32：不含批次</translation>
    </message>
    <message>
      <source>A Python file</source>
      <translation>一个 Python 文件</translation>
    </message>
    <message>
      <source>Architecture</source>
      <translation>网络结构</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Choose a Python file</source>
      <translation>选择 Python 文件</translation>
    </message>
    <message>
      <source>Choose a file that ends in .py.</source>
      <translation>请选择以 .py 结尾的文件。</translation>
    </message>
    <message>
      <source>Choose the Python file that builds the network, and the function or class in it that makes one when it is called without arguments.</source>
      <translation>请选择构建网络的 Python 文件，以及其中不带参数调用即可创建网络的函数或类。</translation>
    </message>
    <message>
      <source>Choose…</source>
      <translation>选择…</translation>
    </message>
    <message>
      <source>File</source>
      <translation>文件</translation>
    </message>
    <message>
      <source>Function or class</source>
      <translation>函数或类</translation>
    </message>
    <message>
      <source>I know where this Python file comes from; it may run</source>
      <translation>我知道此 Python 文件的来源，允许其运行</translation>
    </message>
    <message>
      <source>Input shape</source>
      <translation>输入形状</translation>
    </message>
    <message>
      <source>Its code runs in this program: it can read, change, delete or send away everything that you can.</source>
      <translation>其中的代码将在本程序内运行：凡是您有权读取、更改、删除或发送的内容，它都可以操作。</translation>
    </message>
    <message>
      <source>No function or class in it can be called without arguments.</source>
      <translation>其中没有可以不带参数调用的函数或类。</translation>
    </message>
    <message>
      <source>Open</source>
      <translation>打开</translation>
    </message>
    <message>
      <source>The file has a mistake in line {line}.</source>
      <translation>该文件第 {line} 行有错误。</translation>
    </message>
    <message>
      <source>The file is too large to look into.</source>
      <translation>该文件太大，无法检查。</translation>
    </message>
    <message>
      <source>There is no such file.</source>
      <translation>没有此文件。</translation>
    </message>
    <message>
      <source>Write it like 3x32x32.</source>
      <translation>请按 3x32x32 的形式填写。</translation>
    </message>
    <message>
      <source>make_network</source>
      <translation>make_network</translation>
    </message>
    <message>
      <source>“{name}” holds weights without a network</source>
      <translation>“{name}”只包含权重，不包含网络</translation>
    </message>
  </context>
  <context>
    <name>AxesScatter</name>
    <message>
      <source>&amp;Horizontal:</source>
      <translation>横轴(&amp;H)：</translation>
    </message>
    <message>
      <source>&amp;Vertical:</source>
      <translation>纵轴(&amp;V)：</translation>
    </message>
  </context>
  <context>
    <name>BitsList</name>
    <message>
      <source>Leave as they are</source>
      <translation>保持不变</translation>
    </message>
  </context>
  <context>
    <name>BitsPlot</name>
    <message>
      <source>Bits</source>
      <translation>位数</translation>
    </message>
    <message>
      <source>Not quantized. Click a number of bits to choose it.</source>
      <translation>未量化。点击某个位数即可选用。</translation>
    </message>
    <message>
      <source>Quantization error</source>
      <translation>量化误差</translation>
    </message>
    <message>
      <source>The error is not known for this layer.</source>
      <translation>此层的误差未知。</translation>
    </message>
    <message>
      <source>{bits} bits</source>
      <translation>{bits} 位</translation>
    </message>
    <message>
      <source>{bits} bits: error {error}</source>
      <translation>{bits} 位：误差 {error}</translation>
    </message>
  </context>
  <context>
    <name>BitsTab</name>
    <message>
      <source>&amp;Grid of channel:</source>
      <translation>通道的网格(&amp;G)：</translation>
    </message>
    <message>
      <source>A click sets all {count} selected layers.</source>
      <translation>点击将设置全部 {count} 个所选层。</translation>
    </message>
    <message>
      <source>Not quantized</source>
      <translation>未量化</translation>
    </message>
    <message>
      <source>Signal to noise {ratio} dB, steps of {step} in channel {channel}.</source>
      <translation>信噪比 {ratio} dB，通道 {channel} 的步长为 {step}。</translation>
    </message>
    <message>
      <source>Squared error</source>
      <translation>平方误差</translation>
    </message>
    <message>
      <source>The errors are those of a sample of the weights.</source>
      <translation>误差由权重的抽样得出。</translation>
    </message>
    <message>
      <source>The output channel whose grid of values is shown</source>
      <translation>显示其取值网格的输出通道</translation>
    </message>
    <message>
      <source>Weight</source>
      <translation>权重</translation>
    </message>
    <message>
      <source>Weights and their grid</source>
      <translation>权重及其网格</translation>
    </message>
  </context>
  <context>
    <name>BudgetBar</name>
    <message>
      <source>Activation memory</source>
      <translation>激活内存</translation>
    </message>
    <message>
      <source>Latency</source>
      <translation>延迟</translation>
    </message>
    <message>
      <source>MACs</source>
      <translation>MACs</translation>
    </message>
    <message>
      <source>More numbers</source>
      <translation>更多指标</translation>
    </message>
    <message>
      <source>Not measured yet.</source>
      <translation>尚未测量。</translation>
    </message>
    <message>
      <source>Open data to measure how good the answers are.</source>
      <translation>打开数据以测量答案的质量。</translation>
    </message>
    <message>
      <source>Parameters</source>
      <translation>参数量</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>大小</translation>
    </message>
    <message>
      <source>The original: {value}</source>
      <translation>原始模型：{value}</translation>
    </message>
    <message>
      <source>This recipe has not been run yet.</source>
      <translation>此配方尚未运行。</translation>
    </message>
    <message>
      <source>Top-1</source>
      <translation>Top-1</translation>
    </message>
    <message>
      <source>agreement · {samples} · ±{width}</source>
      <translation>一致率 · {samples} · ±{width}</translation>
    </message>
    <message>
      <source>labels · {samples} · ±{width}</source>
      <translation>标签 · {samples} · ±{width}</translation>
    </message>
    <message>
      <source>synthetic · {samples} · ±{width}</source>
      <translation>合成 · {samples} · ±{width}</translation>
    </message>
    <message>
      <source>{title}: {values}</source>
      <translation>{title}：{values}</translation>
    </message>
    <message>
      <source>{trial}: {value}</source>
      <translation>{trial}：{value}</translation>
    </message>
    <message>
      <source>{value} ({low} to {high}) of {samples} samples have the label's class</source>
      <translation>{value}（{low} 到 {high}）：在 {samples} 个样本中与标签类别相同的比例</translation>
    </message>
    <message>
      <source>{value} ({low} to {high}) of {samples} samples have the original's class</source>
      <translation>{value}（{low} 到 {high}）：在 {samples} 个样本中与原始模型类别相同的比例</translation>
    </message>
    <message>
      <source>{value} ({low} to {high}) of {samples} synthetic samples have the original's class</source>
      <translation>{value}（{low} 到 {high}）：在 {samples} 个合成样本中与原始模型类别相同的比例</translation>
    </message>
    <message>
      <source>{value} ({low} to {high}), {samples} samples</source>
      <translation>{value}（{low} 到 {high}），{samples} 个样本</translation>
    </message>
    <message>
      <source>{value}: measured on the file that {trial} wrote</source>
      <translation>{value}：在 {trial} 写出的文件上测得</translation>
    </message>
    <message>
      <source>{value}: the file as it was opened</source>
      <translation>{value}：所打开的文件</translation>
    </message>
    <message>
      <source>{value}: the original</source>
      <translation>{value}：原始模型</translation>
    </message>
    <message>
      <source>{value}: the original's largest sum of live values, for a batch of one</source>
      <translation>{value}：原始模型在批次为 1 时存活值总量的最大值</translation>
    </message>
    <message>
      <source>{value}: the original's multiply-accumulates for one sample</source>
      <translation>{value}：原始模型处理一个样本的乘加运算次数</translation>
    </message>
    <message>
      <source>{value}: the original, measured</source>
      <translation>{value}：原始模型，实测</translation>
    </message>
    <message>
      <source>~{value}: each layer's measured time in proportion to its MACs; what integers gain is not in it</source>
      <translation>~{value}：由各层实测时间按其 MACs 比例推算；未计入整数运算的收益</translation>
    </message>
    <message>
      <source>~{value}: predicted from the recipe and the layers' shapes</source>
      <translation>~{value}：由配方和各层形状预测</translation>
    </message>
  </context>
  <context>
    <name>ChannelsTab</name>
    <message>
      <source>&amp;Logarithmic</source>
      <translation>对数(&amp;L)</translation>
    </message>
    <message>
      <source>&amp;Scores:</source>
      <translation>评分(&amp;S)：</translation>
    </message>
    <message>
      <source>As in the recipe</source>
      <translation>按配方</translation>
    </message>
    <message>
      <source>Each stands for {count} neighboring channels.</source>
      <translation>每项代表 {count} 个相邻通道。</translation>
    </message>
    <message>
      <source>Open data…</source>
      <translation>打开数据…</translation>
    </message>
    <message>
      <source>Score: {criterion}</source>
      <translation>评分：{criterion}</translation>
    </message>
    <message>
      <source>Scored on {count} calibration samples.</source>
      <translation>在 {count} 个校准样本上评分。</translation>
    </message>
    <message>
      <source>The line sets all {count} selected layers.</source>
      <translation>此线将设置全部 {count} 个所选层。</translation>
    </message>
    <message>
      <source>The recipe keeps ~{kept} of {count} channels.</source>
      <translation>配方保留 {count} 个通道中的 ~{kept} 个。</translation>
    </message>
    <message>
      <source>The step divides its share among the groups; the line gives this group one of its own.</source>
      <translation>该步骤在各组之间分配其比例；拖动此线可为本组单独设置。</translation>
    </message>
    <message>
      <source>These channels stay</source>
      <translation>这些通道保留</translation>
    </message>
    <message>
      <source>They are shared by {count} layers.</source>
      <translation>它们由 {count} 个层共享。</translation>
    </message>
    <message>
      <source>What the scores shown are. The recipe keeps the criterion it has.</source>
      <translation>图中显示的是哪种评分。配方仍使用原有准则。</translation>
    </message>
    <message>
      <source>{reason} Open data, or choose other scores above.</source>
      <translation>{reason}请打开数据，或在上方选择其他评分。</translation>
    </message>
  </context>
  <context>
    <name>ChoiceEditor</name>
    <message>
      <source>Several values</source>
      <translation>多个值</translation>
    </message>
  </context>
  <context>
    <name>ClassesTable</name>
    <message>
      <source>Accuracy of each class</source>
      <translation>各类别的准确率</translation>
    </message>
    <message>
      <source>Change</source>
      <translation>变化</translation>
    </message>
    <message>
      <source>Class</source>
      <translation>类别</translation>
    </message>
    <message>
      <source>No accuracy of classes was measured.</source>
      <translation>未测量各类别的准确率。</translation>
    </message>
    <message>
      <source>Samples</source>
      <translation>样本</translation>
    </message>
  </context>
  <context>
    <name>CommandPalette</name>
    <message>
      <source>Command</source>
      <translation>命令</translation>
    </message>
    <message>
      <source>Commands</source>
      <translation>命令</translation>
    </message>
    <message>
      <source>Commands that fit</source>
      <translation>匹配的命令</translation>
    </message>
    <message>
      <source>No command fits</source>
      <translation>没有匹配的命令</translation>
    </message>
    <message>
      <source>Type a command</source>
      <translation>输入命令</translation>
    </message>
  </context>
  <context>
    <name>Commander</name>
    <message>
      <source>A run has not ended: its result would be lost.</source>
      <translation>有一次运行尚未结束：其结果将丢失。</translation>
    </message>
    <message>
      <source>All files</source>
      <translation>所有文件</translation>
    </message>
    <message>
      <source>All that can be opened</source>
      <translation>所有可打开的文件</translation>
    </message>
    <message>
      <source>Close and drop the run</source>
      <translation>关闭并放弃运行</translation>
    </message>
    <message>
      <source>Data</source>
      <translation>数据</translation>
    </message>
    <message>
      <source>Espalier projects</source>
      <translation>Espalier 项目</translation>
    </message>
    <message>
      <source>Everything else is saved.</source>
      <translation>其余内容均已保存。</translation>
    </message>
    <message>
      <source>Models</source>
      <translation>模型</translation>
    </message>
    <message>
      <source>Open</source>
      <translation>打开</translation>
    </message>
    <message>
      <source>Open a folder of images</source>
      <translation>打开图像文件夹</translation>
    </message>
    <message>
      <source>Open a project</source>
      <translation>打开项目</translation>
    </message>
    <message>
      <source>Open data</source>
      <translation>打开数据</translation>
    </message>
    <message>
      <source>Recipes</source>
      <translation>配方</translation>
    </message>
    <message>
      <source>Save the project as</source>
      <translation>项目另存为</translation>
    </message>
    <message>
      <source>Save the recipe</source>
      <translation>保存配方</translation>
    </message>
    <message>
      <source>Show {panel}</source>
      <translation>显示{panel}</translation>
    </message>
    <message>
      <source>Stay</source>
      <translation>留下</translation>
    </message>
    <message>
      <source>View</source>
      <translation>视图</translation>
    </message>
  </context>
  <context>
    <name>Commands</name>
    <message>
      <source>&amp;About Espalier</source>
      <translation>关于 Espalier(&amp;A)</translation>
    </message>
    <message>
      <source>&amp;Apply</source>
      <translation>应用(&amp;A)</translation>
    </message>
    <message>
      <source>&amp;Cancel the run</source>
      <translation>取消运行(&amp;C)</translation>
    </message>
    <message>
      <source>&amp;Command palette…</source>
      <translation>命令面板(&amp;C)…</translation>
    </message>
    <message>
      <source>&amp;Edit</source>
      <translation>编辑(&amp;E)</translation>
    </message>
    <message>
      <source>&amp;Export…</source>
      <translation>导出(&amp;E)…</translation>
    </message>
    <message>
      <source>&amp;File</source>
      <translation>文件(&amp;F)</translation>
    </message>
    <message>
      <source>&amp;Find a layer</source>
      <translation>查找层(&amp;F)</translation>
    </message>
    <message>
      <source>&amp;Full screen</source>
      <translation>全屏(&amp;F)</translation>
    </message>
    <message>
      <source>&amp;Help</source>
      <translation>帮助(&amp;H)</translation>
    </message>
    <message>
      <source>&amp;History</source>
      <translation>历史记录(&amp;H)</translation>
    </message>
    <message>
      <source>&amp;Lock or unlock the selection</source>
      <translation>锁定或解锁所选层(&amp;L)</translation>
    </message>
    <message>
      <source>&amp;Measure the original</source>
      <translation>测量原始模型(&amp;M)</translation>
    </message>
    <message>
      <source>&amp;Open…</source>
      <translation>打开(&amp;O)…</translation>
    </message>
    <message>
      <source>&amp;Pause or go on</source>
      <translation>暂停或继续(&amp;P)</translation>
    </message>
    <message>
      <source>&amp;Quit</source>
      <translation>退出(&amp;Q)</translation>
    </message>
    <message>
      <source>&amp;Recipe</source>
      <translation>配方(&amp;R)</translation>
    </message>
    <message>
      <source>&amp;Redo</source>
      <translation>重做(&amp;R)</translation>
    </message>
    <message>
      <source>&amp;Reset layout</source>
      <translation>重置布局(&amp;R)</translation>
    </message>
    <message>
      <source>&amp;Stop and keep the best</source>
      <translation>停止并保留最佳(&amp;S)</translation>
    </message>
    <message>
      <source>&amp;Undo</source>
      <translation>撤销(&amp;U)</translation>
    </message>
    <message>
      <source>&amp;View</source>
      <translation>视图(&amp;V)</translation>
    </message>
    <message>
      <source>&amp;Which should I use?…</source>
      <translation>我该用哪一种？(&amp;W)…</translation>
    </message>
    <message>
      <source>A folder with one folder of images for each class.</source>
      <translation>一个文件夹，其中每个类别各有一个图像文件夹。</translation>
    </message>
    <message>
      <source>A project is saved by itself; this gives it a name and a place.</source>
      <translation>项目会自动保存；此命令为其指定名称和位置。</translation>
    </message>
    <message>
      <source>Apply to si&amp;milar layers</source>
      <translation>应用到相似层(&amp;M)</translation>
    </message>
    <message>
      <source>Apply, &amp;quick measure</source>
      <translation>应用并快速测量(&amp;Q)</translation>
    </message>
    <message>
      <source>Drop the run and its result.</source>
      <translation>放弃运行及其结果。</translation>
    </message>
    <message>
      <source>End the run early; what is best so far becomes the trial.</source>
      <translation>提前结束运行；到目前为止的最佳结果成为试验。</translation>
    </message>
    <message>
      <source>Light or &amp;dark</source>
      <translation>浅色或深色(&amp;D)</translation>
    </message>
    <message>
      <source>Like Apply, with the accuracy of a part of the evaluation samples.</source>
      <translation>与“应用”相同，但准确率只在部分评估样本上测量。</translation>
    </message>
    <message>
      <source>Models, data, recipes and projects; several at once.</source>
      <translation>模型、数据、配方和项目；可同时打开多个。</translation>
    </message>
    <message>
      <source>Open &amp;data…</source>
      <translation>打开数据(&amp;D)…</translation>
    </message>
    <message>
      <source>Open &amp;project…</source>
      <translation>打开项目(&amp;P)…</translation>
    </message>
    <message>
      <source>Open data &amp;folder…</source>
      <translation>打开数据文件夹(&amp;F)…</translation>
    </message>
    <message>
      <source>Open the &amp;sample</source>
      <translation>打开示例(&amp;S)</translation>
    </message>
    <message>
      <source>Pre&amp;ferences…</source>
      <translation>首选项(&amp;F)…</translation>
    </message>
    <message>
      <source>Rese&amp;t the selection</source>
      <translation>重置所选层(&amp;T)</translation>
    </message>
    <message>
      <source>Run the recipe in the background and measure the result: a new trial.</source>
      <translation>在后台运行配方并测量结果，生成新的试验。</translation>
    </message>
    <message>
      <source>Save &amp;recipe…</source>
      <translation>保存配方(&amp;R)…</translation>
    </message>
    <message>
      <source>Save project &amp;as…</source>
      <translation>项目另存为(&amp;A)…</translation>
    </message>
    <message>
      <source>Select &amp;all layers</source>
      <translation>选择所有层(&amp;A)</translation>
    </message>
    <message>
      <source>Select &amp;similar layers</source>
      <translation>选择相似层(&amp;S)</translation>
    </message>
    <message>
      <source>Select the channel &amp;group</source>
      <translation>选择通道组(&amp;G)</translation>
    </message>
    <message>
      <source>Write the compressed network, checked, with recipe and report.</source>
      <translation>写出经过检查的压缩网络，并附上配方和报告。</translation>
    </message>
  </context>
  <context>
    <name>Compare</name>
    <message>
      <source>Accuracy</source>
      <translation>准确率</translation>
    </message>
    <message>
      <source>Activation memory</source>
      <translation>激活内存</translation>
    </message>
    <message>
      <source>Agreement</source>
      <translation>一致率</translation>
    </message>
    <message>
      <source>Chance alone does that in {share} of cases, so it is hardly chance.</source>
      <translation>仅凭偶然，有 {share} 的情况会出现此结果，因此几乎不可能是偶然。</translation>
    </message>
    <message>
      <source>Chance alone does that in {share} of cases, so it may well be chance.</source>
      <translation>仅凭偶然，有 {share} 的情况会出现此结果，因此很可能只是偶然。</translation>
    </message>
    <message>
      <source>Latency</source>
      <translation>延迟</translation>
    </message>
    <message>
      <source>Loss</source>
      <translation>损失</translation>
    </message>
    <message>
      <source>MACs</source>
      <translation>MACs</translation>
    </message>
    <message>
      <source>Of the same {count:,} samples {changed:,} got another answer.</source>
      <translation>同样的 {count:,} 个样本中，{changed:,} 个的答案发生了变化。</translation>
    </message>
    <message>
      <source>Of the same {count:,} samples {lost:,} became wrong and {won:,} became right.</source>
      <translation>同样的 {count:,} 个样本中，{lost:,} 个变为错误，{won:,} 个变为正确。</translation>
    </message>
    <message>
      <source>Parameters</source>
      <translation>参数量</translation>
    </message>
    <message>
      <source>Seed</source>
      <translation>随机种子</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>大小</translation>
    </message>
    <message>
      <source>Step</source>
      <translation>步骤</translation>
    </message>
    <message>
      <source>Top five</source>
      <translation>Top-5</translation>
    </message>
    <message>
      <source>With the original’s answers.</source>
      <translation>与原始模型的答案相比。</translation>
    </message>
    <message>
      <source>applied</source>
      <translation>应用</translation>
    </message>
    <message>
      <source>left out</source>
      <translation>排除</translation>
    </message>
    <message>
      <source>less than 0.1 %</source>
      <translation>小于 0.1 %</translation>
    </message>
    <message>
      <source>not there</source>
      <translation>不存在</translation>
    </message>
    <message>
      <source>off</source>
      <translation>关闭</translation>
    </message>
    <message>
      <source>on</source>
      <translation>开启</translation>
    </message>
    <message>
      <source>{sign}{percent}</source>
      <translation>{sign}{percent}</translation>
    </message>
  </context>
  <context>
    <name>CompareView</name>
    <message>
      <source>A trial that is run with data keeps the answer to each sample.</source>
      <translation>使用数据运行的试验会保存每个样本的答案。</translation>
    </message>
    <message>
      <source>Classes</source>
      <translation>类别</translation>
    </message>
    <message>
      <source>First network</source>
      <translation>第一个网络</translation>
    </message>
    <message>
      <source>Layers</source>
      <translation>层</translation>
    </message>
    <message>
      <source>Nothing to compare yet</source>
      <translation>暂无可比较的内容</translation>
    </message>
    <message>
      <source>Open the data again to see the pictures.</source>
      <translation>重新打开数据即可查看图像。</translation>
    </message>
    <message>
      <source>Reading the answers…</source>
      <translation>正在读取答案…</translation>
    </message>
    <message>
      <source>Run the recipe: the trial is then compared with the original.</source>
      <translation>运行配方后，即可将试验与原始模型比较。</translation>
    </message>
    <message>
      <source>Samples</source>
      <translation>样本</translation>
    </message>
    <message>
      <source>Second network</source>
      <translation>第二个网络</translation>
    </message>
    <message>
      <source>Settings</source>
      <translation>设置</translation>
    </message>
    <message>
      <source>Swap the two</source>
      <translation>交换两者</translation>
    </message>
  </context>
  <context>
    <name>CurvesPlot</name>
    <message>
      <source>Layer</source>
      <translation>层</translation>
    </message>
    <message>
      <source>Logarithmic losses</source>
      <translation>对数损失</translation>
    </message>
    <message>
      <source>Measured</source>
      <translation>实测</translation>
    </message>
    <message>
      <source>Select a layer to see its curve.</source>
      <translation>选择一个层以查看其曲线。</translation>
    </message>
    <message>
      <source>{count} more layers</source>
      <translation>另外 {count} 个层</translation>
    </message>
    <message>
      <source>{layer} at {setting}: {loss} (from {low} to {high}), measured</source>
      <translation>{layer} 设为 {setting}：{loss}（{low} 到 {high}），实测</translation>
    </message>
    <message>
      <source>{layer} at {setting}: {loss}, measured</source>
      <translation>{layer} 设为 {setting}：{loss}，实测</translation>
    </message>
    <message>
      <source>{layer} at {setting}: ~{loss}, estimated</source>
      <translation>{layer} 设为 {setting}：~{loss}，估计</translation>
    </message>
  </context>
  <context>
    <name>DataDialog</name>
    <message>
      <source>A few samples of “{split}”</source>
      <translation>“{split}”中的几个样本</translation>
    </message>
    <message>
      <source>All others</source>
      <translation>其余所有列</translation>
    </message>
    <message>
      <source>As the network gets them</source>
      <translation>网络实际接收的样子</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Choose a tokenizer</source>
      <translation>选择分词器</translation>
    </message>
    <message>
      <source>Choose…</source>
      <translation>选择…</translation>
    </message>
    <message>
      <source>Data</source>
      <translation>数据</translation>
    </message>
    <message>
      <source>Input columns</source>
      <translation>输入列</translation>
    </message>
    <message>
      <source>Label column</source>
      <translation>标签列</translation>
    </message>
    <message>
      <source>Looking at the data…</source>
      <translation>正在查看数据…</translation>
    </message>
    <message>
      <source>Preprocessing</source>
      <translation>预处理</translation>
    </message>
    <message>
      <source>The network's answer is the label for {right} of {known} samples only: is the preprocessing right?</source>
      <translation>{known} 个样本中只有 {right} 个的网络答案与标签一致：预处理是否正确？</translation>
    </message>
    <message>
      <source>The network's answer is the label for {right} of {known} samples.</source>
      <translation>{known} 个样本中有 {right} 个的网络答案与标签一致。</translation>
    </message>
    <message>
      <source>Tokenizer</source>
      <translation>分词器</translation>
    </message>
    <message>
      <source>Use this data</source>
      <translation>使用此数据</translation>
    </message>
    <message>
      <source>each {shape}, {dtype}</source>
      <translation>每个 {shape}，{dtype}</translation>
    </message>
    <message>
      <source>label, y, target or class</source>
      <translation>label、y、target 或 class</translation>
    </message>
    <message>
      <source>tokenizer.json, for texts</source>
      <translation>tokenizer.json，用于文本</translation>
    </message>
    <message>
      <source>{count} classes ({names})</source>
      <translation>{count} 个类别（{names}）</translation>
    </message>
    <message>
      <source>{count} classes ({names}, …)</source>
      <translation>{count} 个类别（{names}…）</translation>
    </message>
    <message>
      <source>{count} samples cannot be read and are left out</source>
      <translation>{count} 个样本无法读取，已略过</translation>
    </message>
    <message>
      <source>{name}: {count} samples</source>
      <translation>{name}：{count} 个样本</translation>
    </message>
    <message>
      <source>{name}: {count} samples without labels</source>
      <translation>{name}：{count} 个无标签样本</translation>
    </message>
  </context>
  <context>
    <name>DataEditor</name>
    <message>
      <source>Must be JSON</source>
      <translation>必须是 JSON</translation>
    </message>
  </context>
  <context>
    <name>DetailsTab</name>
    <message>
      <source>Activation bits</source>
      <translation>激活位数</translation>
    </message>
    <message>
      <source>Attributes</source>
      <translation>属性</translation>
    </message>
    <message>
      <source>Channel group</source>
      <translation>通道组</translation>
    </message>
    <message>
      <source>Folds into</source>
      <translation>折叠到</translation>
    </message>
    <message>
      <source>In the file</source>
      <translation>文件中</translation>
    </message>
    <message>
      <source>Input</source>
      <translation>输入</translation>
    </message>
    <message>
      <source>Kind</source>
      <translation>类型</translation>
    </message>
    <message>
      <source>Layers</source>
      <translation>层</translation>
    </message>
    <message>
      <source>Locked</source>
      <translation>已锁定</translation>
    </message>
    <message>
      <source>Low rank</source>
      <translation>低秩</translation>
    </message>
    <message>
      <source>MACs</source>
      <translation>MACs</translation>
    </message>
    <message>
      <source>Multiplications</source>
      <translation>乘法次数</translation>
    </message>
    <message>
      <source>Name</source>
      <translation>名称</translation>
    </message>
    <message>
      <source>Output</source>
      <translation>输出</translation>
    </message>
    <message>
      <source>Output memory</source>
      <translation>输出内存</translation>
    </message>
    <message>
      <source>Parameters</source>
      <translation>参数量</translation>
    </message>
    <message>
      <source>Position</source>
      <translation>位置</translation>
    </message>
    <message>
      <source>Pruning</source>
      <translation>剪枝</translation>
    </message>
    <message>
      <source>Read by</source>
      <translation>读取者</translation>
    </message>
    <message>
      <source>Share of the time</source>
      <translation>时间占比</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>大小</translation>
    </message>
    <message>
      <source>The solver and the slider leave it alone.</source>
      <translation>求解器和滑块不会改动它。</translation>
    </message>
    <message>
      <source>Time</source>
      <translation>时间</translation>
    </message>
    <message>
      <source>Verdict</source>
      <translation>判定</translation>
    </message>
    <message>
      <source>Weight</source>
      <translation>权重</translation>
    </message>
    <message>
      <source>Weight bits</source>
      <translation>权重位数</translation>
    </message>
    <message>
      <source>Weights shared with</source>
      <translation>共享权重的层</translation>
    </message>
    <message>
      <source>and {count} more</source>
      <translation>以及另外 {count} 个</translation>
    </message>
    <message>
      <source>direct {direct}, Winograd {winograd}, FFT {fft}; the runtime chooses</source>
      <translation>直接 {direct}，Winograd {winograd}，FFT {fft}；由运行时选择</translation>
    </message>
    <message>
      <source>left out by a rule</source>
      <translation>被规则排除</translation>
    </message>
    <message>
      <source>no limits</source>
      <translation>无限制</translation>
    </message>
    <message>
      <source>not measured</source>
      <translation>未测量</translation>
    </message>
    <message>
      <source>{channels} channels of {count} layers</source>
      <translation>{channels} 个通道，涉及 {count} 个层</translation>
    </message>
    <message>
      <source>{channels} channels, of this layer alone</source>
      <translation>{channels} 个通道，仅属于此层</translation>
    </message>
    <message>
      <source>{unit} go together</source>
      <translation>{unit} 个一起移除</translation>
    </message>
  </context>
  <context>
    <name>Export</name>
    <message>
      <source>16-bit float</source>
      <translation>16 位浮点</translation>
    </message>
    <message>
      <source>32-bit float</source>
      <translation>32 位浮点</translation>
    </message>
    <message>
      <source>activations of {bits} bits</source>
      <translation>{bits} 位激活</translation>
    </message>
    <message>
      <source>weights of {bits} bits</source>
      <translation>{bits} 位权重</translation>
    </message>
    <message>
      <source>weights of {weights} bits, activations of {activations} bits</source>
      <translation>{weights} 位权重，{activations} 位激活</translation>
    </message>
  </context>
  <context>
    <name>ExportDialog</name>
    <message>
      <source>ARM</source>
      <translation>ARM</translation>
    </message>
    <message>
      <source>Against the labels of {samples} samples</source>
      <translation>对照 {samples} 个样本的标签</translation>
    </message>
    <message>
      <source>Against the original, on {samples} made up</source>
      <translation>对照原始模型，使用 {samples} 个合成样本</translation>
    </message>
    <message>
      <source>Against the original, on {samples} samples</source>
      <translation>对照原始模型，使用 {samples} 个样本</translation>
    </message>
    <message>
      <source>Any processor</source>
      <translation>任何处理器</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Choose…</source>
      <translation>选择…</translation>
    </message>
    <message>
      <source>Close</source>
      <translation>关闭</translation>
    </message>
    <message>
      <source>Export</source>
      <translation>导出</translation>
    </message>
    <message>
      <source>Export to</source>
      <translation>导出到</translation>
    </message>
    <message>
      <source>File</source>
      <translation>文件</translation>
    </message>
    <message>
      <source>Format</source>
      <translation>格式</translation>
    </message>
    <message>
      <source>Latency</source>
      <translation>延迟</translation>
    </message>
    <message>
      <source>Measured</source>
      <translation>实测</translation>
    </message>
    <message>
      <source>ONNX: any runtime (.onnx)</source>
      <translation>ONNX：任何运行时 (.onnx)</translation>
    </message>
    <message>
      <source>Open report</source>
      <translation>打开报告</translation>
    </message>
    <message>
      <source>Original</source>
      <translation>原始模型</translation>
    </message>
    <message>
      <source>Precision</source>
      <translation>精度</translation>
    </message>
    <message>
      <source>Processor</source>
      <translation>处理器</translation>
    </message>
    <message>
      <source>Promised</source>
      <translation>承诺</translation>
    </message>
    <message>
      <source>PyTorch program (.pt2)</source>
      <translation>PyTorch 程序 (.pt2)</translation>
    </message>
    <message>
      <source>Show in folder</source>
      <translation>在文件夹中显示</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>大小</translation>
    </message>
    <message>
      <source>Standard operators alone; 4-bit weights are slow in this form.</source>
      <translation>仅使用标准算子；4 位权重在此形式下较慢。</translation>
    </message>
    <message>
      <source>The export was cancelled.</source>
      <translation>导出已取消。</translation>
    </message>
    <message>
      <source>The file is the same for all processors.</source>
      <translation>此文件对所有处理器都相同。</translation>
    </message>
    <message>
      <source>There is no such folder.</source>
      <translation>没有此文件夹。</translation>
    </message>
    <message>
      <source>There is such a file already; it will be replaced.</source>
      <translation>该文件已存在，将被替换。</translation>
    </message>
    <message>
      <source>This is a folder.</source>
      <translation>这是一个文件夹。</translation>
    </message>
    <message>
      <source>This machine's</source>
      <translation>本机的处理器</translation>
    </message>
    <message>
      <source>Top-1</source>
      <translation>Top-1</translation>
    </message>
    <message>
      <source>Verified: the file was loaded again, and its answers differ from the network's by at most {difference} of the largest output. It took {time}.</source>
      <translation>已验证：已重新载入文件，其答案与网络的差异不超过最大输出的 {difference}。用时 {time}。</translation>
    </message>
    <message>
      <source>Waiting for the engine…</source>
      <translation>正在等待引擎…</translation>
    </message>
    <message>
      <source>Weights alone (.safetensors)</source>
      <translation>仅权重 (.safetensors)</translation>
    </message>
    <message>
      <source>Weights keep 7 of 8 bits, since sums of full 8 bits overflow there.</source>
      <translation>权重只使用 8 位中的 7 位，因为完整 8 位的累加在该处理器上会溢出。</translation>
    </message>
    <message>
      <source>Write a report beside it</source>
      <translation>在旁边写出报告</translation>
    </message>
    <message>
      <source>Write the recipe beside it</source>
      <translation>在旁边写出配方</translation>
    </message>
    <message>
      <source>Written, but not verified: the answers of the file differ from the network's by {difference} of the largest output. It took {time}.</source>
      <translation>已写出但未通过验证：文件的答案与网络的差异为最大输出的 {difference}。用时 {time}。</translation>
    </message>
    <message>
      <source>x86 with instructions for integers (VNNI)</source>
      <translation>带整数指令的 x86 (VNNI)</translation>
    </message>
    <message>
      <source>x86 without instructions for integers (AVX2)</source>
      <translation>不带整数指令的 x86 (AVX2)</translation>
    </message>
    <message>
      <source>{format}: {reason}</source>
      <translation>{format}：{reason}</translation>
    </message>
  </context>
  <context>
    <name>FileEditor</name>
    <message>
      <source>Choose a file…</source>
      <translation>选择文件…</translation>
    </message>
  </context>
  <context>
    <name>FilterBar</name>
    <message>
      <source>Changed</source>
      <translation>已更改</translation>
    </message>
    <message>
      <source>Choose columns</source>
      <translation>选择列</translation>
    </message>
    <message>
      <source>Filter by name or kind</source>
      <translation>按名称或类型筛选</translation>
    </message>
    <message>
      <source>Filter layers</source>
      <translation>筛选层</translation>
    </message>
    <message>
      <source>Group by block</source>
      <translation>按块分组</translation>
    </message>
    <message>
      <source>Kind ▾</source>
      <translation>类型 ▾</translation>
    </message>
    <message>
      <source>Kind: {count} ▾</source>
      <translation>类型：{count} ▾</translation>
    </message>
    <message>
      <source>Kinds of layers to show</source>
      <translation>要显示的层类型</translation>
    </message>
    <message>
      <source>Layers that are locked</source>
      <translation>已锁定的层</translation>
    </message>
    <message>
      <source>Layers that the recipe changes</source>
      <translation>配方会改动的层</translation>
    </message>
    <message>
      <source>Layers to which something cannot be done</source>
      <translation>某些操作无法进行的层</translation>
    </message>
    <message>
      <source>Locked</source>
      <translation>已锁定</translation>
    </message>
    <message>
      <source>Unsupported</source>
      <translation>不支持</translation>
    </message>
    <message>
      <source>Words that occur in the name or kind, or a pattern such as layer3.*</source>
      <translation>名称或类型中出现的词，或 layer3.* 之类的模式</translation>
    </message>
    <message>
      <source>{shown} of {total} layers</source>
      <translation>{shown} / {total} 个层</translation>
    </message>
    <message>
      <source>{total} layers</source>
      <translation>{total} 个层</translation>
    </message>
  </context>
  <context>
    <name>Form</name>
    <message>
      <source>Back to what it was without this setting</source>
      <translation>恢复到没有此设置时的状态</translation>
    </message>
    <message>
      <source>Back to {value}</source>
      <translation>恢复为 {value}</translation>
    </message>
    <message>
      <source>More settings</source>
      <translation>更多设置</translation>
    </message>
    <message>
      <source>More settings ({count} changed)</source>
      <translation>更多设置（已更改 {count} 项）</translation>
    </message>
    <message>
      <source>No</source>
      <translation>否</translation>
    </message>
    <message>
      <source>Yes</source>
      <translation>是</translation>
    </message>
  </context>
  <context>
    <name>Frame</name>
    <message>
      <source>Drop a model here</source>
      <translation>将模型拖放到此处</translation>
    </message>
    <message>
      <source>Espalier shows where a network is heavy and where it is fragile, makes it smaller, and measures what that costs.</source>
      <translation>Espalier 显示网络何处庞大、何处脆弱，将其变小，并测量所付出的代价。</translation>
    </message>
    <message>
      <source>Models (.onnx, .pt2, .pt, .safetensors), data, recipes and projects</source>
      <translation>模型（.onnx、.pt2、.pt、.safetensors）、数据、配方和项目</translation>
    </message>
    <message>
      <source>Open the sample</source>
      <translation>打开示例</translation>
    </message>
    <message>
      <source>Open…</source>
      <translation>打开…</translation>
    </message>
  </context>
  <context>
    <name>GlobalStrip</name>
    <message>
      <source>All layers</source>
      <translation>所有层</translation>
    </message>
    <message>
      <source>As they are</source>
      <translation>保持不变</translation>
    </message>
    <message>
      <source>For all layers without their own</source>
      <translation>用于没有单独设置的所有层</translation>
    </message>
    <message>
      <source>Keeps {locked} locked</source>
      <translation>保留 {locked} 个已锁定的层</translation>
    </message>
    <message>
      <source>Keeps {own} with their own setting</source>
      <translation>保留 {own} 个有单独设置的层</translation>
    </message>
    <message>
      <source>Keeps {own} with their own setting and {locked} locked</source>
      <translation>保留 {own} 个有单独设置的层和 {locked} 个已锁定的层</translation>
    </message>
    <message>
      <source>Setting for all layers</source>
      <translation>所有层的设置</translation>
    </message>
    <message>
      <source>{bits} bits</source>
      <translation>{bits} 位</translation>
    </message>
  </context>
  <context>
    <name>GraphColors</name>
    <message>
      <source>As it was</source>
      <translation>未改动</translation>
    </message>
    <message>
      <source>Bytes</source>
      <translation>字节数</translation>
    </message>
    <message>
      <source>Changed</source>
      <translation>已更改</translation>
    </message>
    <message>
      <source>Changed by the recipe</source>
      <translation>被配方更改</translation>
    </message>
    <message>
      <source>Kind</source>
      <translation>类型</translation>
    </message>
    <message>
      <source>Locked</source>
      <translation>已锁定</translation>
    </message>
    <message>
      <source>MACs</source>
      <translation>MACs</translation>
    </message>
    <message>
      <source>Pruning ratio</source>
      <translation>剪枝比例</translation>
    </message>
    <message>
      <source>Sensitivity</source>
      <translation>敏感度</translation>
    </message>
    <message>
      <source>Share of latency</source>
      <translation>延迟占比</translation>
    </message>
    <message>
      <source>The latency has not been measured yet.</source>
      <translation>尚未测量延迟。</translation>
    </message>
    <message>
      <source>The recipe leaves all weights float.</source>
      <translation>配方中所有权重保持浮点。</translation>
    </message>
    <message>
      <source>The recipe prunes no channels.</source>
      <translation>配方没有剪除任何通道。</translation>
    </message>
    <message>
      <source>The sensitivity is not known yet.</source>
      <translation>敏感度尚未知。</translation>
    </message>
    <message>
      <source>The shapes are not known, so the MACs are not.</source>
      <translation>形状未知，因此 MACs 也未知。</translation>
    </message>
    <message>
      <source>Weight bits</source>
      <translation>权重位数</translation>
    </message>
    <message>
      <source>{bits} bits</source>
      <translation>{bits} 位</translation>
    </message>
  </context>
  <context>
    <name>GraphPair</name>
    <message>
      <source>Attributes of operators</source>
      <translation>算子属性</translation>
    </message>
    <message>
      <source>Before</source>
      <translation>之前</translation>
    </message>
    <message>
      <source>Fit to height (9)</source>
      <translation>适合高度 (9)</translation>
    </message>
    <message>
      <source>From left to right</source>
      <translation>从左到右</translation>
    </message>
    <message>
      <source>Names of nodes</source>
      <translation>节点名称</translation>
    </message>
    <message>
      <source>Open a node’s properties with one click</source>
      <translation>单击打开节点属性</translation>
    </message>
    <message>
      <source>Simple graph</source>
      <translation>简单图</translation>
    </message>
    <message>
      <source>What the graph shows</source>
      <translation>图中显示的内容</translation>
    </message>
    <message>
      <source>Zoom in (+)</source>
      <translation>放大 (+)</translation>
    </message>
    <message>
      <source>Zoom out (−)</source>
      <translation>缩小 (−)</translation>
    </message>
  </context>
  <context>
    <name>GraphPanel</name>
    <message>
      <source>A large graph takes a while to arrange. The simple one is there sooner.</source>
      <translation>大型图需要较长时间布局。简单图可以更快显示。</translation>
    </message>
    <message>
      <source>Reading the graph…</source>
      <translation>正在读取图…</translation>
    </message>
    <message>
      <source>Starting the graph…</source>
      <translation>正在启动图…</translation>
    </message>
    <message>
      <source>The detailed graph cannot show this file, so the graph is a simple one ({reason}).</source>
      <translation>详细图无法显示此文件，因此显示简单图（{reason}）。</translation>
    </message>
    <message>
      <source>The file is large, so the graph is a simple one.</source>
      <translation>文件较大，因此显示简单图。</translation>
    </message>
    <message>
      <source>The file is no longer there, so the graph is a simple one.</source>
      <translation>文件已不存在，因此显示简单图。</translation>
    </message>
    <message>
      <source>This file does not name its layers: choose them in the simple graph.</source>
      <translation>此文件没有为层命名：请在简单图中选择。</translation>
    </message>
  </context>
  <context>
    <name>GraphView</name>
    <message>
      <source>&amp;Color:</source>
      <translation>着色(&amp;C)：</translation>
    </message>
    <message>
      <source>Color layers by</source>
      <translation>层的着色依据</translation>
    </message>
    <message>
      <source>Open a model to see its graph.</source>
      <translation>打开模型以查看其图。</translation>
    </message>
    <message>
      <source>Reading the model…</source>
      <translation>正在读取模型…</translation>
    </message>
    <message>
      <source>Show the file of the selected trial beside it</source>
      <translation>并排显示所选试验的文件</translation>
    </message>
  </context>
  <context>
    <name>HeatMap</name>
    <message>
      <source>All {count} values estimated</source>
      <translation>全部 {count} 个值均为估计</translation>
    </message>
    <message>
      <source>All {count} values measured</source>
      <translation>全部 {count} 个值均为实测</translation>
    </message>
    <message>
      <source>Layer</source>
      <translation>层</translation>
    </message>
    <message>
      <source>Measured</source>
      <translation>实测</translation>
    </message>
    <message>
      <source>Setting</source>
      <translation>设置</translation>
    </message>
    <message>
      <source>There is nothing to show for these layers.</source>
      <translation>这些层没有可显示的内容。</translation>
    </message>
    <message>
      <source>{measured} of {count} values measured, the others estimated</source>
      <translation>{count} 个值中 {measured} 个为实测，其余为估计</translation>
    </message>
    <message>
      <source>{row}, {column}: not known</source>
      <translation>{row}，{column}：未知</translation>
    </message>
    <message>
      <source>{row}, {column}: {quantity} {value}, measured</source>
      <translation>{row}，{column}：{quantity} {value}，实测</translation>
    </message>
    <message>
      <source>{row}, {column}: {quantity} ~{value}, estimated</source>
      <translation>{row}，{column}：{quantity} ~{value}，估计</translation>
    </message>
  </context>
  <context>
    <name>Help</name>
    <message>
      <source>Compact blocks</source>
      <translation>紧凑模块</translation>
    </message>
    <message>
      <source>Criteria</source>
      <translation>准则</translation>
    </message>
    <message>
      <source>Distillation</source>
      <translation>蒸馏</translation>
    </message>
    <message>
      <source>Encodings</source>
      <translation>编码</translation>
    </message>
    <message>
      <source>Family</source>
      <translation>类别</translation>
    </message>
    <message>
      <source>Faster on a stock runtime</source>
      <translation>在常规运行时上更快</translation>
    </message>
    <message>
      <source>Fewer multiply-accumulates</source>
      <translation>更少的乘加运算</translation>
    </message>
    <message>
      <source>Gains</source>
      <translation>收益</translation>
    </message>
    <message>
      <source>Guide</source>
      <translation>指南</translation>
    </message>
    <message>
      <source>In recipes</source>
      <translation>配方中的名称</translation>
    </message>
    <message>
      <source>Less memory while running</source>
      <translation>运行时占用内存更少</translation>
    </message>
    <message>
      <source>Losses</source>
      <translation>损失</translation>
    </message>
    <message>
      <source>Low rank</source>
      <translation>低秩</translation>
    </message>
    <message>
      <source>Needs</source>
      <translation>需要</translation>
    </message>
    <message>
      <source>Needs a format or kernel that understands it</source>
      <translation>需要能够识别它的格式或内核</translation>
    </message>
    <message>
      <source>Pruning</source>
      <translation>剪枝</translation>
    </message>
    <message>
      <source>Quantization</source>
      <translation>量化</translation>
    </message>
    <message>
      <source>Recovery</source>
      <translation>恢复</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>参考文献</translation>
    </message>
    <message>
      <source>Rounding</source>
      <translation>取整</translation>
    </message>
    <message>
      <source>Schedules</source>
      <translation>调度</translation>
    </message>
    <message>
      <source>Search</source>
      <translation>搜索</translation>
    </message>
    <message>
      <source>Sharing</source>
      <translation>共享</translation>
    </message>
    <message>
      <source>Smaller file</source>
      <translation>更小的文件</translation>
    </message>
    <message>
      <source>The network keeps its form: any runtime gains</source>
      <translation>网络形式不变：任何运行时都能受益</translation>
    </message>
    <message>
      <source>at least {low}</source>
      <translation>不小于 {low}</translation>
    </message>
    <message>
      <source>at most {high}</source>
      <translation>不大于 {high}</translation>
    </message>
    <message>
      <source>batch norm that is not folded</source>
      <translation>未折叠的批归一化</translation>
    </message>
    <message>
      <source>default {value}</source>
      <translation>默认 {value}</translation>
    </message>
    <message>
      <source>gradients of layer outputs</source>
      <translation>层输出的梯度</translation>
    </message>
    <message>
      <source>labels</source>
      <translation>标签</translation>
    </message>
    <message>
      <source>nothing but the weights</source>
      <translation>仅需权重</translation>
    </message>
    <message>
      <source>ranges of activations</source>
      <translation>激活的范围</translation>
    </message>
    <message>
      <source>samples to calibrate with</source>
      <translation>校准样本</translation>
    </message>
    <message>
      <source>statistics of layer inputs</source>
      <translation>层输入的统计量</translation>
    </message>
    <message>
      <source>the original network</source>
      <translation>原始网络</translation>
    </message>
    <message>
      <source>training samples</source>
      <translation>训练样本</translation>
    </message>
    <message>
      <source>{low} to {high}</source>
      <translation>{low} 到 {high}</translation>
    </message>
  </context>
  <context>
    <name>HelpWindow</name>
    <message>
      <source>Help</source>
      <translation>帮助</translation>
    </message>
    <message>
      <source>Page</source>
      <translation>页面</translation>
    </message>
    <message>
      <source>Pages</source>
      <translation>页面</translation>
    </message>
    <message>
      <source>Search</source>
      <translation>搜索</translation>
    </message>
    <message>
      <source>Search the help</source>
      <translation>搜索帮助</translation>
    </message>
    <message>
      <source>The address was copied</source>
      <translation>地址已复制</translation>
    </message>
  </context>
  <context>
    <name>HistogramPlot</name>
    <message>
      <source>A sample of {count} values</source>
      <translation>{count} 个值的抽样</translation>
    </message>
    <message>
      <source>At {value}</source>
      <translation>位于 {value}</translation>
    </message>
    <message>
      <source>Channel</source>
      <translation>通道</translation>
    </message>
    <message>
      <source>Channel {channel}: {count} of {total} values from {low} to {high}</source>
      <translation>通道 {channel}：{total} 个值中 {count} 个在 {low} 到 {high} 之间</translation>
    </message>
    <message>
      <source>Channel {number}</source>
      <translation>通道 {number}</translation>
    </message>
    <message>
      <source>Count</source>
      <translation>计数</translation>
    </message>
    <message>
      <source>From</source>
      <translation>从</translation>
    </message>
    <message>
      <source>Its grid of {count} values</source>
      <translation>其 {count} 个值的网格</translation>
    </message>
    <message>
      <source>Logarithmic counts</source>
      <translation>对数计数</translation>
    </message>
    <message>
      <source>Of</source>
      <translation>总数</translation>
    </message>
    <message>
      <source>Range of the quantization</source>
      <translation>量化范围</translation>
    </message>
    <message>
      <source>Share of values per bin</source>
      <translation>每个区间的值占比</translation>
    </message>
    <message>
      <source>To</source>
      <translation>到</translation>
    </message>
    <message>
      <source>Values per bin</source>
      <translation>每个区间的值数</translation>
    </message>
    <message>
      <source>{count} values</source>
      <translation>{count} 个值</translation>
    </message>
    <message>
      <source>{count} values ({share}) from {low} to {high}</source>
      <translation>{count} 个值（{share}）在 {low} 到 {high} 之间</translation>
    </message>
  </context>
  <context>
    <name>Inspector</name>
    <message>
      <source>Activations</source>
      <translation>激活</translation>
    </message>
    <message>
      <source>Channels</source>
      <translation>通道</translation>
    </message>
    <message>
      <source>Channels of {count} layers go together. Select all of them.</source>
      <translation>{count} 个层的通道一起移除。选择全部这些层。</translation>
    </message>
    <message>
      <source>Details</source>
      <translation>详细信息</translation>
    </message>
    <message>
      <source>Lock this layer: the solver and the slider then leave it alone.</source>
      <translation>锁定此层：求解器和滑块将不再改动它。</translation>
    </message>
    <message>
      <source>Locked: the solver and the slider leave this layer alone. Unlock it.</source>
      <translation>已锁定：求解器和滑块不会改动此层。点击解锁。</translation>
    </message>
    <message>
      <source>No layer is selected</source>
      <translation>未选择层</translation>
    </message>
    <message>
      <source>Nothing to inspect</source>
      <translation>没有可检查的内容</translation>
    </message>
    <message>
      <source>Open a network; its layers can then be looked at here.</source>
      <translation>打开网络后，可在此查看其各层。</translation>
    </message>
    <message>
      <source>Quantization</source>
      <translation>量化</translation>
    </message>
    <message>
      <source>Select a layer in the table, in the graph or in the sensitivity map.</source>
      <translation>请在表格、图或敏感度图中选择一个层。</translation>
    </message>
    <message>
      <source>Settings</source>
      <translation>设置</translation>
    </message>
    <message>
      <source>Spectrum</source>
      <translation>谱</translation>
    </message>
    <message>
      <source>Weights</source>
      <translation>权重</translation>
    </message>
    <message>
      <source>{about} · and {count} more selected</source>
      <translation>{about} · 另选 {count} 个</translation>
    </message>
    <message>
      <source>{kind} · {shape} · {parameters} parameters · {size}</source>
      <translation>{kind} · {shape} · {parameters} 个参数 · {size}</translation>
    </message>
  </context>
  <context>
    <name>JobsView</name>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Clear ended jobs</source>
      <translation>清除已结束的作业</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>复制</translation>
    </message>
    <message>
      <source>Go on</source>
      <translation>继续</translation>
    </message>
    <message>
      <source>Job</source>
      <translation>作业</translation>
    </message>
    <message>
      <source>Jobs</source>
      <translation>作业</translation>
    </message>
    <message>
      <source>Left</source>
      <translation>剩余</translation>
    </message>
    <message>
      <source>Pause</source>
      <translation>暂停</translation>
    </message>
    <message>
      <source>Progress</source>
      <translation>进度</translation>
    </message>
    <message>
      <source>Select a job to see what it says.</source>
      <translation>选择一个作业以查看其消息。</translation>
    </message>
    <message>
      <source>State</source>
      <translation>状态</translation>
    </message>
    <message>
      <source>Stop and keep the best</source>
      <translation>停止并保留最佳</translation>
    </message>
    <message>
      <source>What the job says</source>
      <translation>作业的消息</translation>
    </message>
    <message>
      <source>crashed</source>
      <translation>已崩溃</translation>
    </message>
    <message>
      <source>failed</source>
      <translation>失败</translation>
    </message>
    <message>
      <source>finished</source>
      <translation>已完成</translation>
    </message>
    <message>
      <source>paused</source>
      <translation>已暂停</translation>
    </message>
    <message>
      <source>running</source>
      <translation>运行中</translation>
    </message>
    <message>
      <source>stopped</source>
      <translation>已停止</translation>
    </message>
    <message>
      <source>stopping</source>
      <translation>正在停止</translation>
    </message>
    <message>
      <source>waiting</source>
      <translation>等待中</translation>
    </message>
  </context>
  <context>
    <name>LayerMenu</name>
    <message>
      <source>Apply to similar</source>
      <translation>应用到相似层</translation>
    </message>
    <message>
      <source>Copy as CSV</source>
      <translation>复制为 CSV</translation>
    </message>
    <message>
      <source>Leave out</source>
      <translation>排除</translation>
    </message>
    <message>
      <source>Lock</source>
      <translation>锁定</translation>
    </message>
    <message>
      <source>Reset to the step's setting</source>
      <translation>重置为步骤的设置</translation>
    </message>
    <message>
      <source>Save as CSV…</source>
      <translation>另存为 CSV…</translation>
    </message>
    <message>
      <source>Select similar</source>
      <translation>选择相似层</translation>
    </message>
    <message>
      <source>Select the channel group</source>
      <translation>选择通道组</translation>
    </message>
    <message>
      <source>Set for selection…</source>
      <translation>为所选层设置…</translation>
    </message>
    <message>
      <source>Unlock</source>
      <translation>解锁</translation>
    </message>
  </context>
  <context>
    <name>LayerRows</name>
    <message>
      <source>Layers</source>
      <translation>层</translation>
    </message>
  </context>
  <context>
    <name>LayerTable</name>
    <message>
      <source>Drop a model file on the window, or open one.</source>
      <translation>将模型文件拖放到窗口上，或打开一个模型。</translation>
    </message>
    <message>
      <source>No layer passes the filter</source>
      <translation>没有层符合筛选条件</translation>
    </message>
    <message>
      <source>No model is open</source>
      <translation>未打开模型</translation>
    </message>
    <message>
      <source>Reading the model…</source>
      <translation>正在读取模型…</translation>
    </message>
    <message>
      <source>Reset columns</source>
      <translation>重置列</translation>
    </message>
    <message>
      <source>Save as CSV</source>
      <translation>另存为 CSV</translation>
    </message>
    <message>
      <source>The model has no layers with weights</source>
      <translation>模型中没有带权重的层</translation>
    </message>
    <message>
      <source>{path} cannot be written: {why}.</source>
      <translation>无法写入 {path}：{why}。</translation>
    </message>
  </context>
  <context>
    <name>Layers</name>
    <message>
      <source>A bits</source>
      <translation>激活位</translation>
    </message>
    <message>
      <source>Activation bits</source>
      <translation>激活位数</translation>
    </message>
    <message>
      <source>Batch norm</source>
      <translation>批归一化</translation>
    </message>
    <message>
      <source>Bits of each value that flows in</source>
      <translation>流入的每个值的位数</translation>
    </message>
    <message>
      <source>Bits of each weight</source>
      <translation>每个权重的位数</translation>
    </message>
    <message>
      <source>Bytes in the file: gray as it came, hatched as the recipe would leave it</source>
      <translation>文件中的字节数：灰色为原始大小，阴影线为配方执行后的大小</translation>
    </message>
    <message>
      <source>Channels that are removed together:</source>
      <translation>须一起移除的通道：</translation>
    </message>
    <message>
      <source>Conv 1-D</source>
      <translation>一维卷积</translation>
    </message>
    <message>
      <source>Conv 2-D</source>
      <translation>二维卷积</translation>
    </message>
    <message>
      <source>Conv 3-D</source>
      <translation>三维卷积</translation>
    </message>
    <message>
      <source>Deconv 1-D</source>
      <translation>一维转置卷积</translation>
    </message>
    <message>
      <source>Deconv 2-D</source>
      <translation>二维转置卷积</translation>
    </message>
    <message>
      <source>Deconv 3-D</source>
      <translation>三维转置卷积</translation>
    </message>
    <message>
      <source>Embedding</source>
      <translation>嵌入</translation>
    </message>
    <message>
      <source>From step {step} ({title}).</source>
      <translation>来自步骤 {step}（{title}）。</translation>
    </message>
    <message>
      <source>GRU</source>
      <translation>GRU</translation>
    </message>
    <message>
      <source>Group</source>
      <translation>组</translation>
    </message>
    <message>
      <source>Group norm</source>
      <translation>组归一化</translation>
    </message>
    <message>
      <source>How many layers must lose the same channels together with this one</source>
      <translation>必须与此层一起移除相同通道的层数</translation>
    </message>
    <message>
      <source>How many weights and biases it has</source>
      <translation>权重和偏置的数量</translation>
    </message>
    <message>
      <source>How the predicted loss grows as the layer is compressed (log scale)</source>
      <translation>预测损失随此层压缩程度的增长（对数刻度）</translation>
    </message>
    <message>
      <source>How the weights are distributed</source>
      <translation>权重的分布</translation>
    </message>
    <message>
      <source>In the file: {name}</source>
      <translation>文件中的名称：{name}</translation>
    </message>
    <message>
      <source>Instance norm</source>
      <translation>实例归一化</translation>
    </message>
    <message>
      <source>Kind</source>
      <translation>类型</translation>
    </message>
    <message>
      <source>LSTM</source>
      <translation>LSTM</translation>
    </message>
    <message>
      <source>Layer</source>
      <translation>层</translation>
    </message>
    <message>
      <source>Layer norm</source>
      <translation>层归一化</translation>
    </message>
    <message>
      <source>Left out by rule {rule} of step {step} ({title}).</source>
      <translation>被步骤 {step}（{title}）的规则 {rule} 排除。</translation>
    </message>
    <message>
      <source>Linear</source>
      <translation>线性</translation>
    </message>
    <message>
      <source>Locked: nothing changes this layer until it is unlocked (L).</source>
      <translation>已锁定：解锁 (L) 之前此层不会有任何改动。</translation>
    </message>
    <message>
      <source>Locked: the setting stays as it is.</source>
      <translation>已锁定：设置保持不变。</translation>
    </message>
    <message>
      <source>Loss</source>
      <translation>损失</translation>
    </message>
    <message>
      <source>Low rank: share of the layer's bytes that the factors may take</source>
      <translation>低秩：分解因子可占此层字节数的比例</translation>
    </message>
    <message>
      <source>MACs</source>
      <translation>MACs</translation>
    </message>
    <message>
      <source>Multiply-accumulates for one sample: gray as it came, hatched as the recipe would leave them</source>
      <translation>一个样本的乘加运算次数：灰色为原始值，阴影线为配方执行后的值</translation>
    </message>
    <message>
      <source>Name of the layer, as in the graph and in recipes</source>
      <translation>层的名称，与图和配方中相同</translation>
    </message>
    <message>
      <source>No step of the recipe knows this layer.</source>
      <translation>配方中没有适用于此层的步骤。</translation>
    </message>
    <message>
      <source>Not known until the network is read</source>
      <translation>读取网络后才能得知</translation>
    </message>
    <message>
      <source>Not known yet</source>
      <translation>尚未知</translation>
    </message>
    <message>
      <source>Not measured yet</source>
      <translation>尚未测量</translation>
    </message>
    <message>
      <source>Nothing is done. Drag, type, or press Enter to set it.</source>
      <translation>未作任何处理。拖动、输入或按 Enter 进行设置。</translation>
    </message>
    <message>
      <source>PReLU</source>
      <translation>PReLU</translation>
    </message>
    <message>
      <source>Parameter</source>
      <translation>参数</translation>
    </message>
    <message>
      <source>Parameters</source>
      <translation>参数量</translation>
    </message>
    <message>
      <source>Predicted loss of the layer's settings, in nats</source>
      <translation>该层设置的预测损失，单位为奈特 (nat)</translation>
    </message>
    <message>
      <source>Prune</source>
      <translation>剪枝</translation>
    </message>
    <message>
      <source>Pruning</source>
      <translation>剪枝</translation>
    </message>
    <message>
      <source>RMS norm</source>
      <translation>RMS 归一化</translation>
    </message>
    <message>
      <source>RNN</source>
      <translation>RNN</translation>
    </message>
    <message>
      <source>Rank</source>
      <translation>秩</translation>
    </message>
    <message>
      <source>Rank (share of bytes)</source>
      <translation>秩（字节占比）</translation>
    </message>
    <message>
      <source>Rule {rule} of step {step} ({title}) says so.</source>
      <translation>由步骤 {step}（{title}）的规则 {rule} 规定。</translation>
    </message>
    <message>
      <source>Sensitivity</source>
      <translation>敏感度</translation>
    </message>
    <message>
      <source>Shape</source>
      <translation>形状</translation>
    </message>
    <message>
      <source>Shape of the weights: outputs × inputs × kernel</source>
      <translation>权重的形状：输出 × 输入 × 卷积核</translation>
    </message>
    <message>
      <source>Share of the original's measured time; empty until it is measured</source>
      <translation>占原始模型实测时间的比例；测量前为空</translation>
    </message>
    <message>
      <source>Share that is pruned away</source>
      <translation>被剪除的比例</translation>
    </message>
    <message>
      <source>Shares its weights with {name}.</source>
      <translation>与 {name} 共享权重。</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>大小</translation>
    </message>
    <message>
      <source>Time</source>
      <translation>时间</translation>
    </message>
    <message>
      <source>W bits</source>
      <translation>权重位</translation>
    </message>
    <message>
      <source>Weight bits</source>
      <translation>权重位数</translation>
    </message>
    <message>
      <source>Weights</source>
      <translation>权重</translation>
    </message>
    <message>
      <source>Weights from {low} to {high}</source>
      <translation>权重从 {low} 到 {high}</translation>
    </message>
    <message>
      <source>Weights from {low} to {high}, from a sample</source>
      <translation>权重从 {low} 到 {high}，由抽样得出</translation>
    </message>
    <message>
      <source>What the layer computes</source>
      <translation>此层的计算类型</translation>
    </message>
    <message>
      <source>{before} for one sample</source>
      <translation>一个样本 {before}</translation>
    </message>
    <message>
      <source>{before} for one sample; ~{after} after the recipe (predicted)</source>
      <translation>一个样本 {before}；配方执行后 ~{after}（预测）</translation>
    </message>
    <message>
      <source>{before} in the file</source>
      <translation>文件中 {before}</translation>
    </message>
    <message>
      <source>{before} in the file; ~{after} after the recipe (predicted)</source>
      <translation>文件中 {before}；配方执行后 ~{after}（预测）</translation>
    </message>
    <message>
      <source>{count} of its weights are NaN or infinite.</source>
      <translation>其中 {count} 个权重为 NaN 或无穷大。</translation>
    </message>
    <message>
      <source>{time} of the original's run, measured</source>
      <translation>占原始模型运行时间的 {time}，实测</translation>
    </message>
  </context>
  <context>
    <name>LayersTable</name>
    <message>
      <source>Bytes left</source>
      <translation>剩余字节</translation>
    </message>
    <message>
      <source>Bytes, {name}</source>
      <translation>字节数，{name}</translation>
    </message>
    <message>
      <source>Layer</source>
      <translation>层</translation>
    </message>
    <message>
      <source>Layers of both</source>
      <translation>两者的层</translation>
    </message>
    <message>
      <source>MACs left</source>
      <translation>剩余 MACs</translation>
    </message>
    <message>
      <source>Reading the trial…</source>
      <translation>正在读取试验…</translation>
    </message>
    <message>
      <source>folded into another</source>
      <translation>已折叠到其他层</translation>
    </message>
  </context>
  <context>
    <name>LineEditor</name>
    <message>
      <source>Several values</source>
      <translation>多个值</translation>
    </message>
  </context>
  <context>
    <name>ListEditor</name>
    <message>
      <source>Add to {field}</source>
      <translation>添加到{field}</translation>
    </message>
    <message>
      <source>Add…</source>
      <translation>添加…</translation>
    </message>
    <message>
      <source>None</source>
      <translation>无</translation>
    </message>
    <message>
      <source>Several values</source>
      <translation>多个值</translation>
    </message>
  </context>
  <context>
    <name>LivePlot</name>
    <message>
      <source>Accuracy</source>
      <translation>准确率</translation>
    </message>
    <message>
      <source>Best so far</source>
      <translation>目前最佳</translation>
    </message>
    <message>
      <source>Curve</source>
      <translation>曲线</translation>
    </message>
    <message>
      <source>Logarithmic loss</source>
      <translation>对数损失</translation>
    </message>
    <message>
      <source>Loss</source>
      <translation>损失</translation>
    </message>
    <message>
      <source>No training is running.</source>
      <translation>没有正在运行的训练。</translation>
    </message>
    <message>
      <source>Rate</source>
      <translation>学习率</translation>
    </message>
    <message>
      <source>Step</source>
      <translation>步</translation>
    </message>
    <message>
      <source>Step {step}</source>
      <translation>第 {step} 步</translation>
    </message>
    <message>
      <source>Value</source>
      <translation>值</translation>
    </message>
  </context>
  <context>
    <name>LookTab</name>
    <message>
      <source>Loading…</source>
      <translation>正在载入…</translation>
    </message>
    <message>
      <source>Pictures come right after.</source>
      <translation>图像随后显示。</translation>
    </message>
    <message>
      <source>The network is being read</source>
      <translation>正在读取网络</translation>
    </message>
    <message>
      <source>Try again</source>
      <translation>重试</translation>
    </message>
  </context>
  <context>
    <name>MainWindow</name>
    <message>
      <source>Budget</source>
      <translation>预算</translation>
    </message>
    <message>
      <source>Data cannot be used</source>
      <translation>数据无法使用</translation>
    </message>
    <message>
      <source>Looking at {name}…</source>
      <translation>正在查看 {name}…</translation>
    </message>
    <message>
      <source>No data</source>
      <translation>没有数据</translation>
    </message>
    <message>
      <source>Nothing was opened yet</source>
      <translation>尚未打开过任何内容</translation>
    </message>
    <message>
      <source>Open &amp;recent</source>
      <translation>打开最近使用(&amp;R)</translation>
    </message>
    <message>
      <source>Show</source>
      <translation>显示</translation>
    </message>
    <message>
      <source>Tools</source>
      <translation>工具</translation>
    </message>
    <message>
      <source>Without data accuracy means agreement with the original on noise.</source>
      <translation>没有数据时，准确率指在噪声上与原始模型的一致率。</translation>
    </message>
  </context>
  <context>
    <name>MethodPicker</name>
    <message>
      <source>Choose a method</source>
      <translation>选择方法</translation>
    </message>
    <message>
      <source>Find a method</source>
      <translation>查找方法</translation>
    </message>
    <message>
      <source>Methods</source>
      <translation>方法</translation>
    </message>
  </context>
  <context>
    <name>NativeView</name>
    <message>
      <source>Graph of the network</source>
      <translation>网络图</translation>
    </message>
  </context>
  <context>
    <name>NetronView</name>
    <message>
      <source>The page of the graph could not be loaded.</source>
      <translation>无法载入图的页面。</translation>
    </message>
    <message>
      <source>The process that draws the graph ended.</source>
      <translation>绘制图的进程已结束。</translation>
    </message>
  </context>
  <context>
    <name>NoticeBar</name>
    <message>
      <source>Dismiss</source>
      <translation>忽略</translation>
    </message>
  </context>
  <context>
    <name>Number</name>
    <message>
      <source>Must be a multiple of {limit}</source>
      <translation>必须是 {limit} 的倍数</translation>
    </message>
    <message>
      <source>Must be a number</source>
      <translation>必须是数字</translation>
    </message>
    <message>
      <source>Must be a whole number</source>
      <translation>必须是整数</translation>
    </message>
    <message>
      <source>Must be above {limit}</source>
      <translation>必须大于 {limit}</translation>
    </message>
    <message>
      <source>Must be at least {limit}</source>
      <translation>必须不小于 {limit}</translation>
    </message>
    <message>
      <source>Must be at most {limit}</source>
      <translation>必须不大于 {limit}</translation>
    </message>
    <message>
      <source>Must be below {limit}</source>
      <translation>必须小于 {limit}</translation>
    </message>
  </context>
  <context>
    <name>NumbersEditor</name>
    <message>
      <source>Must be at most {count} numbers</source>
      <translation>最多 {count} 个数字</translation>
    </message>
  </context>
  <context>
    <name>NumbersTable</name>
    <message>
      <source>Change</source>
      <translation>变化</translation>
    </message>
    <message>
      <source>Measured numbers of both</source>
      <translation>两者的实测指标</translation>
    </message>
  </context>
  <context>
    <name>Panels</name>
    <message>
      <source>Compare</source>
      <translation>比较</translation>
    </message>
    <message>
      <source>Graph</source>
      <translation>图</translation>
    </message>
    <message>
      <source>Inspector</source>
      <translation>检查器</translation>
    </message>
    <message>
      <source>Jobs</source>
      <translation>作业</translation>
    </message>
    <message>
      <source>Recipe</source>
      <translation>配方</translation>
    </message>
    <message>
      <source>Sensitivity</source>
      <translation>敏感度</translation>
    </message>
    <message>
      <source>Training</source>
      <translation>训练</translation>
    </message>
    <message>
      <source>Trials</source>
      <translation>试验</translation>
    </message>
  </context>
  <context>
    <name>Picture</name>
    <message>
      <source>Copy as picture</source>
      <translation>复制为图片</translation>
    </message>
    <message>
      <source>Copy values</source>
      <translation>复制数值</translation>
    </message>
    <message>
      <source>Nothing to show yet.</source>
      <translation>暂无可显示的内容。</translation>
    </message>
    <message>
      <source>PNG picture (*.png)</source>
      <translation>PNG 图片 (*.png)</translation>
    </message>
    <message>
      <source>SVG drawing (*.svg)</source>
      <translation>SVG 图形 (*.svg)</translation>
    </message>
    <message>
      <source>Save</source>
      <translation>保存</translation>
    </message>
    <message>
      <source>Save as CSV…</source>
      <translation>另存为 CSV…</translation>
    </message>
    <message>
      <source>Save as PNG…</source>
      <translation>另存为 PNG…</translation>
    </message>
    <message>
      <source>Save as SVG…</source>
      <translation>另存为 SVG…</translation>
    </message>
    <message>
      <source>Saved as {file}.</source>
      <translation>已保存为 {file}。</translation>
    </message>
    <message>
      <source>Table (*.csv)</source>
      <translation>表格 (*.csv)</translation>
    </message>
    <message>
      <source>The picture is on the clipboard.</source>
      <translation>图片已复制到剪贴板。</translation>
    </message>
    <message>
      <source>The values are on the clipboard.</source>
      <translation>数值已复制到剪贴板。</translation>
    </message>
    <message>
      <source>{file} could not be written. Choose another folder.</source>
      <translation>无法写入 {file}。请选择其他文件夹。</translation>
    </message>
  </context>
  <context>
    <name>Plot</name>
    <message>
      <source>Show everything</source>
      <translation>显示全部</translation>
    </message>
  </context>
  <context>
    <name>PreferencesDialog</name>
    <message>
      <source>Accuracy and latency are always measured on the processor.</source>
      <translation>准确率和延迟始终在处理器上测量。</translation>
    </message>
    <message>
      <source>All cores but one</source>
      <translation>除一个以外的所有核心</translation>
    </message>
    <message>
      <source>Apple graphics (MPS)</source>
      <translation>Apple 图形处理器 (MPS)</translation>
    </message>
    <message>
      <source>As the system</source>
      <translation>跟随系统</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Colors</source>
      <translation>颜色</translation>
    </message>
    <message>
      <source>Dark</source>
      <translation>深色</translation>
    </message>
    <message>
      <source>Evaluation samples while tuning; a final trial takes all.</source>
      <translation>调整期间使用的评估样本数；最终试验使用全部样本。</translation>
    </message>
    <message>
      <source>Language</source>
      <translation>语言</translation>
    </message>
    <message>
      <source>Language and threads change when Espalier is started again.</source>
      <translation>语言和线程数将在重新启动 Espalier 后生效。</translation>
    </message>
    <message>
      <source>Light</source>
      <translation>浅色</translation>
    </message>
    <message>
      <source>NVIDIA graphics card (CUDA)</source>
      <translation>NVIDIA 显卡 (CUDA)</translation>
    </message>
    <message>
      <source>OK</source>
      <translation>确定</translation>
    </message>
    <message>
      <source>Preferences</source>
      <translation>首选项</translation>
    </message>
    <message>
      <source>Processor (CPU)</source>
      <translation>处理器 (CPU)</translation>
    </message>
    <message>
      <source>Quick samples</source>
      <translation>快速测量样本数</translation>
    </message>
    <message>
      <source>Threads</source>
      <translation>线程数</translation>
    </message>
    <message>
      <source>Train on</source>
      <translation>训练设备</translation>
    </message>
    <message>
      <source>What the engine computes with. One core is left for the window.</source>
      <translation>引擎用于计算的线程数。其中留出一个核心供窗口使用。</translation>
    </message>
  </context>
  <context>
    <name>PreprocessingForm</name>
    <message>
      <source>0 … 1 (pixels × 1/255)</source>
      <translation>0 … 1（像素 × 1/255）</translation>
    </message>
    <message>
      <source>As it is</source>
      <translation>保持原样</translation>
    </message>
    <message>
      <source>As stored</source>
      <translation>按存储方式</translation>
    </message>
    <message>
      <source>Choose a preset…</source>
      <translation>选择预设…</translation>
    </message>
    <message>
      <source>Class names</source>
      <translation>类别名称</translation>
    </message>
    <message>
      <source>Classification</source>
      <translation>分类</translation>
    </message>
    <message>
      <source>Colors</source>
      <translation>颜色</translation>
    </message>
    <message>
      <source>Detection</source>
      <translation>检测</translation>
    </message>
    <message>
      <source>Deviation</source>
      <translation>标准差</translation>
    </message>
    <message>
      <source>Gray</source>
      <translation>灰度</translation>
    </message>
    <message>
      <source>Height</source>
      <translation>高度</translation>
    </message>
    <message>
      <source>ImageNet mean and deviation</source>
      <translation>ImageNet 均值和标准差</translation>
    </message>
    <message>
      <source>Lanczos</source>
      <translation>Lanczos</translation>
    </message>
    <message>
      <source>Language</source>
      <translation>语言</translation>
    </message>
    <message>
      <source>Longest text</source>
      <translation>文本最大长度</translation>
    </message>
    <message>
      <source>Mean</source>
      <translation>均值</translation>
    </message>
    <message>
      <source>Network's axes</source>
      <translation>网络的轴</translation>
    </message>
    <message>
      <source>Not said</source>
      <translation>未指定</translation>
    </message>
    <message>
      <source>One class name in each line</source>
      <translation>每行一个类别名称</translation>
    </message>
    <message>
      <source>Order of the axes: N batch, C channels, H height, W width, L length</source>
      <translation>轴的顺序：N 批次，C 通道，H 高度，W 宽度，L 长度</translation>
    </message>
    <message>
      <source>Other</source>
      <translation>其他</translation>
    </message>
    <message>
      <source>Padding token</source>
      <translation>填充标记</translation>
    </message>
    <message>
      <source>Preprocessing</source>
      <translation>预处理</translation>
    </message>
    <message>
      <source>Preset</source>
      <translation>预设</translation>
    </message>
    <message>
      <source>Regression</source>
      <translation>回归</translation>
    </message>
    <message>
      <source>Resize</source>
      <translation>调整尺寸</translation>
    </message>
    <message>
      <source>Samples' axes</source>
      <translation>样本的轴</translation>
    </message>
    <message>
      <source>Scale</source>
      <translation>缩放</translation>
    </message>
    <message>
      <source>Scale, then crop to</source>
      <translation>缩放后裁剪为</translation>
    </message>
    <message>
      <source>Segmentation</source>
      <translation>分割</translation>
    </message>
    <message>
      <source>Several labels</source>
      <translation>多标签</translation>
    </message>
    <message>
      <source>Shorter side</source>
      <translation>短边</translation>
    </message>
    <message>
      <source>Stretch to</source>
      <translation>拉伸为</translation>
    </message>
    <message>
      <source>Task</source>
      <translation>任务</translation>
    </message>
    <message>
      <source>Width</source>
      <translation>宽度</translation>
    </message>
    <message>
      <source>bicubic</source>
      <translation>双三次</translation>
    </message>
    <message>
      <source>bilinear</source>
      <translation>双线性</translation>
    </message>
    <message>
      <source>nearest</source>
      <translation>最近邻</translation>
    </message>
    <message>
      <source>shorter side </source>
      <translation>短边 </translation>
    </message>
    <message>
      <source>−1 … 1</source>
      <translation>−1 … 1</translation>
    </message>
  </context>
  <context>
    <name>Preset</name>
    <message>
      <source>A fifth of the channels go, and the layers that read them are solved anew from a few hundred samples. Nothing is trained.</source>
      <translation>移除五分之一的通道，并用几百个样本重新求解读取它们的层。无需训练。</translation>
    </message>
    <message>
      <source>A quarter of the size where there are no samples at all: nothing has to be measured. Not faster, since activations stay as they are.</source>
      <translation>完全没有样本时也能缩小到四分之一：无需任何测量。由于激活保持不变，速度不会提高。</translation>
    </message>
    <message>
      <source>A quarter of the size, and faster on most processors, in a minute and mostly without a loss that one would notice. The place to begin.</source>
      <translation>大小为原来的四分之一，在大多数处理器上更快；只需一分钟，通常没有可察觉的损失。适合作为起点。</translation>
    </message>
    <message>
      <source>Eight bits</source>
      <translation>8 位</translation>
    </message>
    <message>
      <source>Eight-bit weights without data</source>
      <translation>无数据的 8 位权重</translation>
    </message>
    <message>
      <source>Every layer becomes two thin ones. Best for networks of large dense layers and wide convolutions, whose weights repeat themselves.</source>
      <translation>每个层变为两个薄层。最适合权重多有重复、具有大型全连接层和宽卷积的网络。</translation>
    </message>
    <message>
      <source>Fewer channels without training</source>
      <translation>不经训练减少通道</translation>
    </message>
    <message>
      <source>Fewer channels, trained by the original, then weights of 4 bits whose rounding is learned. Takes its time.</source>
      <translation>减少通道，由原始模型教学训练，再将权重量化为 4 位并学习取整方式。耗时较长。</translation>
    </message>
    <message>
      <source>For networks that spend their time reading weights, such as language models with a batch of one: an eighth of the bytes to read, activations as they are.</source>
      <translation>适用于时间主要花在读取权重上的网络，例如批次为 1 的语言模型：读取的字节数降为八分之一，激活保持不变。</translation>
    </message>
    <message>
      <source>Four bits, trained</source>
      <translation>4 位，经训练</translation>
    </message>
    <message>
      <source>Four-bit weights</source>
      <translation>4 位权重</translation>
    </message>
    <message>
      <source>Half of the multiplications really go, so that any runtime gets faster; the original teaches what is left. Needs training data, labels or not.</source>
      <translation>真正去掉一半的乘法，因此任何运行时都会变快；由原始模型教学剩余部分。需要训练数据，有无标签均可。</translation>
    </message>
    <message>
      <source>Half of the size with hardly any loss at all, and no data needed. Not faster on most processors.</source>
      <translation>大小减半，几乎没有损失，也不需要数据。在大多数处理器上不会变快。</translation>
    </message>
    <message>
      <source>Half of the weights become zero in the pattern that NVIDIA's sparse tensor cores skip. On other runtimes the zeros save nothing.</source>
      <translation>按 NVIDIA 稀疏张量核心可跳过的模式将一半权重置零。在其他运行时上，这些零不会带来节省。</translation>
    </message>
    <message>
      <source>Half precision</source>
      <translation>半精度</translation>
    </message>
    <message>
      <source>Half the work, eight bits</source>
      <translation>一半计算量，8 位</translation>
    </message>
    <message>
      <source>Smallest file</source>
      <translation>最小文件</translation>
    </message>
    <message>
      <source>Thin layers</source>
      <translation>薄层</translation>
    </message>
    <message>
      <source>Two of four</source>
      <translation>四取二</translation>
    </message>
    <message>
      <source>Weights and activations of 4 bits hold only if the network is trained while it is rounded. For accelerators that compute with 4 bits.</source>
      <translation>只有在取整的同时训练网络，4 位的权重和激活才能保持准确率。适用于以 4 位计算的加速器。</translation>
    </message>
  </context>
  <context>
    <name>Questions</name>
    <message>
      <source>A run has not ended: opening something else would drop its result.</source>
      <translation>有一次运行尚未结束：打开其他内容将放弃其结果。</translation>
    </message>
    <message>
      <source>Drop the run and open</source>
      <translation>放弃运行并打开</translation>
    </message>
    <message>
      <source>Stay</source>
      <translation>留下</translation>
    </message>
    <message>
      <source>Use {preset}</source>
      <translation>使用{preset}</translation>
    </message>
    <message>
      <source>Where is {name} now?</source>
      <translation>{name} 现在位于何处？</translation>
    </message>
  </context>
  <context>
    <name>RangeEditor</name>
    <message>
      <source>Must be two numbers, the smaller one first</source>
      <translation>必须是两个数字，较小的在前</translation>
    </message>
  </context>
  <context>
    <name>RatioEditor</name>
    <message>
      <source>Several</source>
      <translation>多个</translation>
    </message>
  </context>
  <context>
    <name>Recipe</name>
    <message>
      <source>Compact blocks</source>
      <translation>紧凑模块</translation>
    </message>
    <message>
      <source>Distillation</source>
      <translation>蒸馏</translation>
    </message>
    <message>
      <source>Low rank</source>
      <translation>低秩</translation>
    </message>
    <message>
      <source>Needs {things}.</source>
      <translation>需要{things}。</translation>
    </message>
    <message>
      <source>Parameter sharing</source>
      <translation>参数共享</translation>
    </message>
    <message>
      <source>Pruning</source>
      <translation>剪枝</translation>
    </message>
    <message>
      <source>Quantization</source>
      <translation>量化</translation>
    </message>
    <message>
      <source>Recovery</source>
      <translation>恢复</translation>
    </message>
    <message>
      <source>any runtime</source>
      <translation>任何运行时</translation>
    </message>
    <message>
      <source>batch norms</source>
      <translation>批归一化</translation>
    </message>
    <message>
      <source>calibration data</source>
      <translation>校准数据</translation>
    </message>
    <message>
      <source>faster</source>
      <translation>更快</translation>
    </message>
    <message>
      <source>labels</source>
      <translation>标签</translation>
    </message>
    <message>
      <source>left out</source>
      <translation>排除</translation>
    </message>
    <message>
      <source>less memory</source>
      <translation>更少内存</translation>
    </message>
    <message>
      <source>less work</source>
      <translation>更少计算</translation>
    </message>
    <message>
      <source>smaller</source>
      <translation>更小</translation>
    </message>
    <message>
      <source>special runtime</source>
      <translation>专用运行时</translation>
    </message>
    <message>
      <source>taken in</source>
      <translation>纳入</translation>
    </message>
    <message>
      <source>training data</source>
      <translation>训练数据</translation>
    </message>
    <message>
      <source>{field}: {value}</source>
      <translation>{field}：{value}</translation>
    </message>
    <message>
      <source>{first} and {count} more</source>
      <translation>{first} 以及另外 {count} 个</translation>
    </message>
    <message>
      <source>{problem}. {hint}</source>
      <translation>{problem}。{hint}</translation>
    </message>
  </context>
  <context>
    <name>RecipeEdit</name>
    <message>
      <source>Add {step}</source>
      <translation>添加{step}</translation>
    </message>
    <message>
      <source>Change to {step}</source>
      <translation>更改为{step}</translation>
    </message>
    <message>
      <source>Duplicate {step}</source>
      <translation>复制{step}</translation>
    </message>
    <message>
      <source>Move {step}</source>
      <translation>移动{step}</translation>
    </message>
    <message>
      <source>Remove a rule of {step}</source>
      <translation>移除{step}的一条规则</translation>
    </message>
    <message>
      <source>Remove {step}</source>
      <translation>移除{step}</translation>
    </message>
    <message>
      <source>Set the seed</source>
      <translation>设置随机种子</translation>
    </message>
    <message>
      <source>Switch off {step}</source>
      <translation>关闭{step}</translation>
    </message>
    <message>
      <source>Switch on {step}</source>
      <translation>开启{step}</translation>
    </message>
  </context>
  <context>
    <name>RecipePanel</name>
    <message>
      <source>A recipe says what is done to the network, step by step. Add a step, take a ready recipe, or set a layer in the table.</source>
      <translation>配方逐步说明对网络所做的处理。可添加步骤、采用现成配方，或在表格中设置某个层。</translation>
    </message>
    <message>
      <source>Add step…</source>
      <translation>添加步骤…</translation>
    </message>
    <message>
      <source>Help me choose…</source>
      <translation>帮我选择…</translation>
    </message>
    <message>
      <source>No steps yet</source>
      <translation>尚无步骤</translation>
    </message>
    <message>
      <source>Presets</source>
      <translation>预设</translation>
    </message>
    <message>
      <source>Seed</source>
      <translation>随机种子</translation>
    </message>
    <message>
      <source>Steps</source>
      <translation>步骤</translation>
    </message>
    <message>
      <source>Steps (1 problem)</source>
      <translation>步骤（1 个问题）</translation>
    </message>
    <message>
      <source>Steps ({count} problems)</source>
      <translation>步骤（{count} 个问题）</translation>
    </message>
    <message>
      <source>The recipe is now “{preset}”.</source>
      <translation>配方现在是“{preset}”。</translation>
    </message>
    <message>
      <source>Undo brings back what was there.</source>
      <translation>撤销可恢复原先的内容。</translation>
    </message>
    <message>
      <source>Use {preset}</source>
      <translation>使用{preset}</translation>
    </message>
    <message>
      <source>Which should I use?</source>
      <translation>我该用哪一种？</translation>
    </message>
    <message>
      <source>YAML</source>
      <translation>YAML</translation>
    </message>
  </context>
  <context>
    <name>ReportWindow</name>
    <message>
      <source>Close</source>
      <translation>关闭</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>复制</translation>
    </message>
    <message>
      <source>Errors</source>
      <translation>错误</translation>
    </message>
    <message>
      <source>Espalier has made a mistake</source>
      <translation>Espalier 发生了错误</translation>
    </message>
    <message>
      <source>Something happened that was not foreseen. Your project is saved; you can go on, and what you did last may not have worked. The text below helps to mend it: it holds names of files, and nothing of it is sent anywhere.</source>
      <translation>发生了未预料到的情况。您的项目已保存；您可以继续，但最近的一次操作可能没有生效。下面的文本有助于修复问题：其中包含文件名，但不会发送到任何地方。</translation>
    </message>
    <message>
      <source>Traceback</source>
      <translation>回溯信息</translation>
    </message>
    <message>
      <source>Unexpected errors</source>
      <translation>意外错误</translation>
    </message>
    <message>
      <source>{summary} ({count} times)</source>
      <translation>{summary}（{count} 次）</translation>
    </message>
  </context>
  <context>
    <name>Row</name>
    <message>
      <source>Take back {field}</source>
      <translation>恢复{field}</translation>
    </message>
  </context>
  <context>
    <name>RowsTable</name>
    <message>
      <source>Copy as CSV</source>
      <translation>复制为 CSV</translation>
    </message>
  </context>
  <context>
    <name>RuleList</name>
    <message>
      <source>Rules for some layers; a later one wins</source>
      <translation>针对部分层的规则；后面的规则优先</translation>
    </message>
    <message>
      <source>{count} more rules are in the YAML</source>
      <translation>YAML 中还有 {count} 条规则</translation>
    </message>
  </context>
  <context>
    <name>SampleGallery</name>
    <message>
      <source>All changed ({count:,})</source>
      <translation>所有变化（{count:,}）</translation>
    </message>
    <message>
      <source>Became right ({count:,})</source>
      <translation>变为正确（{count:,}）</translation>
    </message>
    <message>
      <source>Became wrong ({count:,})</source>
      <translation>变为错误（{count:,}）</translation>
    </message>
    <message>
      <source>No sample changed so.</source>
      <translation>没有样本发生此类变化。</translation>
    </message>
    <message>
      <source>Samples whose answer changed</source>
      <translation>答案发生变化的样本</translation>
    </message>
    <message>
      <source>Wrong otherwise ({count:,})</source>
      <translation>错误但答案不同（{count:,}）</translation>
    </message>
  </context>
  <context>
    <name>SampleGrid</name>
    <message>
      <source>Label: {name}</source>
      <translation>标签：{name}</translation>
    </message>
    <message>
      <source>Sample {number}</source>
      <translation>样本 {number}</translation>
    </message>
    <message>
      <source>Samples</source>
      <translation>样本</translation>
    </message>
    <message>
      <source>The network says: {name}</source>
      <translation>网络的答案：{name}</translation>
    </message>
    <message>
      <source>The network says: {name} ({percent})</source>
      <translation>网络的答案：{name}（{percent}）</translation>
    </message>
    <message>
      <source>{right} of {known} predictions are the label</source>
      <translation>{known} 个预测中有 {right} 个与标签一致</translation>
    </message>
  </context>
  <context>
    <name>SampleModel</name>
    <message>
      <source>Sample {number} of {split}, label {label}. {one}: {first} ({sure}). {other}: {second} ({certain}).</source>
      <translation>{split} 的样本 {number}，标签 {label}。{one}：{first}（{sure}）。{other}：{second}（{certain}）。</translation>
    </message>
  </context>
  <context>
    <name>ScatterPlot</name>
    <message>
      <source>Best measured</source>
      <translation>最佳实测</translation>
    </message>
    <message>
      <source>Click a point, or drag around several.</source>
      <translation>点击一个点，或拖动框选多个。</translation>
    </message>
    <message>
      <source>Measured</source>
      <translation>实测</translation>
    </message>
    <message>
      <source>No trial has both of these numbers yet.</source>
      <translation>尚无试验同时具有这两项指标。</translation>
    </message>
    <message>
      <source>Original</source>
      <translation>原始模型</translation>
    </message>
    <message>
      <source>Predicted</source>
      <translation>预测</translation>
    </message>
    <message>
      <source>Trial</source>
      <translation>试验</translation>
    </message>
    <message>
      <source>{name}: {across} {x}, {up} {y}, measured</source>
      <translation>{name}：{across} {x}，{up} {y}，实测</translation>
    </message>
    <message>
      <source>{name}: {across} ~{x}, {up} ~{y}, predicted</source>
      <translation>{name}：{across} ~{x}，{up} ~{y}，预测</translation>
    </message>
  </context>
  <context>
    <name>ScoresPlot</name>
    <message>
      <source>Channel</source>
      <translation>通道</translation>
    </message>
    <message>
      <source>Channel scores</source>
      <translation>通道评分</translation>
    </message>
    <message>
      <source>Channel {channel}: score {score}, {place} of {count}, kept</source>
      <translation>通道 {channel}：评分 {score}，第 {place} / {count} 位，保留</translation>
    </message>
    <message>
      <source>Channel {channel}: score {score}, {place} of {count}, removed</source>
      <translation>通道 {channel}：评分 {score}，第 {place} / {count} 位，移除</translation>
    </message>
    <message>
      <source>Channels, lowest score first</source>
      <translation>通道，评分由低到高</translation>
    </message>
    <message>
      <source>Kept</source>
      <translation>保留</translation>
    </message>
    <message>
      <source>Logarithmic scores</source>
      <translation>对数评分</translation>
    </message>
    <message>
      <source>Removed</source>
      <translation>移除</translation>
    </message>
    <message>
      <source>Score</source>
      <translation>评分</translation>
    </message>
    <message>
      <source>There are no scores for these channels.</source>
      <translation>这些通道没有评分。</translation>
    </message>
    <message>
      <source>{ratio} removed</source>
      <translation>移除 {ratio}</translation>
    </message>
    <message>
      <source>{ratio} removed ({removed} of {count})</source>
      <translation>移除 {ratio}（{count} 个中的 {removed} 个）</translation>
    </message>
  </context>
  <context>
    <name>SensitivityView</name>
    <message>
      <source>&amp;Log</source>
      <translation>对数(&amp;L)</translation>
    </message>
    <message>
      <source>&amp;Method:</source>
      <translation>方法(&amp;M)：</translation>
    </message>
    <message>
      <source>&amp;Show:</source>
      <translation>显示(&amp;S)：</translation>
    </message>
    <message>
      <source>&amp;Use {setting} for {layer}</source>
      <translation>将 {setting} 用于 {layer}(&amp;U)</translation>
    </message>
    <message>
      <source>A cost table says what each setting of each layer costs in accuracy and what it saves. This project has none; it shows up here as soon as there is one.</source>
      <translation>代价表说明每个层的每种设置会损失多少准确率、能节省多少。此项目还没有代价表；一旦有了就会显示在这里。</translation>
    </message>
    <message>
      <source>Accuracy lost</source>
      <translation>损失的准确率</translation>
    </message>
    <message>
      <source>All methods</source>
      <translation>所有方法</translation>
    </message>
    <message>
      <source>Logarithmic colors and losses</source>
      <translation>颜色和损失采用对数刻度</translation>
    </message>
    <message>
      <source>No costs are known yet</source>
      <translation>尚无已知的代价</translation>
    </message>
    <message>
      <source>Predicted loss</source>
      <translation>预测损失</translation>
    </message>
    <message>
      <source>Sensitivity curves</source>
      <translation>敏感度曲线</translation>
    </message>
    <message>
      <source>Sensitivity map</source>
      <translation>敏感度图</translation>
    </message>
    <message>
      <source>Use the setting under the cursor</source>
      <translation>采用光标所在的设置</translation>
    </message>
    <message>
      <source>loss</source>
      <translation>损失</translation>
    </message>
  </context>
  <context>
    <name>Session</name>
    <message>
      <source>Models end in .onnx, .pt2, .pt, .pth or .safetensors; data is a folder of images, .npz, .npy, .csv or .parquet; recipes are .yaml or .json.</source>
      <translation>模型以 .onnx、.pt2、.pt、.pth 或 .safetensors 结尾；数据为图像文件夹、.npz、.npy、.csv 或 .parquet；配方为 .yaml 或 .json。</translation>
    </message>
    <message>
      <source>Open a model first.</source>
      <translation>请先打开模型。</translation>
    </message>
    <message>
      <source>Trial {number}</source>
      <translation>试验 {number}</translation>
    </message>
    <message>
      <source>{name} is neither a model, data nor a recipe.</source>
      <translation>{name} 既不是模型或数据，也不是配方。</translation>
    </message>
    <message>
      <source>{name} is not there.</source>
      <translation>{name} 不存在。</translation>
    </message>
    <message>
      <source>{name} was left out: only one of its kind can be opened.</source>
      <translation>{name} 已略过：同类文件只能打开一个。</translation>
    </message>
    <message>
      <source>{path} is not there.</source>
      <translation>{path} 不存在。</translation>
    </message>
  </context>
  <context>
    <name>SettingsForm</name>
    <message>
      <source>Add pruning, low rank or quantization to the recipe, or type a value in the table.</source>
      <translation>请将剪枝、低秩或量化添加到配方，或在表格中输入数值。</translation>
    </message>
    <message>
      <source>As in the whole step.</source>
      <translation>与整个步骤相同。</translation>
    </message>
    <message>
      <source>Leave out of this step</source>
      <translation>从此步骤中排除</translation>
    </message>
    <message>
      <source>Left out by {rule}.</source>
      <translation>被{rule}排除。</translation>
    </message>
    <message>
      <source>Lock</source>
      <translation>锁定</translation>
    </message>
    <message>
      <source>Locked layers keep their settings: neither a solver nor the global slider changes them</source>
      <translation>锁定的层保持其设置：求解器和全局滑块都不会改动它们</translation>
    </message>
    <message>
      <source>No layer is selected</source>
      <translation>未选择层</translation>
    </message>
    <message>
      <source>No step works layer by layer</source>
      <translation>没有逐层工作的步骤</translation>
    </message>
    <message>
      <source>Nothing to set</source>
      <translation>没有可设置的内容</translation>
    </message>
    <message>
      <source>Reset</source>
      <translation>重置</translation>
    </message>
    <message>
      <source>Reset {field}</source>
      <translation>重置{field}</translation>
    </message>
    <message>
      <source>Rule {number}: {layers}</source>
      <translation>规则 {number}：{layers}</translation>
    </message>
    <message>
      <source>Select layers in the table or the graph to see what is done to them.</source>
      <translation>在表格或图中选择层，以查看对其所做的处理。</translation>
    </message>
    <message>
      <source>Set by {rules}.</source>
      <translation>由{rules}设置。</translation>
    </message>
    <message>
      <source>Step</source>
      <translation>步骤</translation>
    </message>
    <message>
      <source>Take back what the recipe says of these layers by name</source>
      <translation>收回配方中按名称针对这些层的内容</translation>
    </message>
    <message>
      <source>These layers have different settings.</source>
      <translation>这些层的设置不同。</translation>
    </message>
    <message>
      <source>This step does not know the selected layers.</source>
      <translation>此步骤不适用于所选层。</translation>
    </message>
    <message>
      <source>Unlock</source>
      <translation>解锁</translation>
    </message>
    <message>
      <source>rule {number} ({layers})</source>
      <translation>规则 {number}（{layers}）</translation>
    </message>
    <message>
      <source>{count} layers</source>
      <translation>{count} 个层</translation>
    </message>
    <message>
      <source>{count} of the layers: {reason}</source>
      <translation>{count} 个层：{reason}</translation>
    </message>
    <message>
      <source>{number}. {title}</source>
      <translation>{number}. {title}</translation>
    </message>
  </context>
  <context>
    <name>SettingsTable</name>
    <message>
      <source>Layers</source>
      <translation>层</translation>
    </message>
    <message>
      <source>Setting</source>
      <translation>设置</translation>
    </message>
    <message>
      <source>Settings that differ</source>
      <translation>不同的设置</translation>
    </message>
    <message>
      <source>Step</source>
      <translation>步骤</translation>
    </message>
    <message>
      <source>The same recipe</source>
      <translation>配方相同</translation>
    </message>
    <message>
      <source>all</source>
      <translation>全部</translation>
    </message>
  </context>
  <context>
    <name>SpectrumPlot</name>
    <message>
      <source>Energy</source>
      <translation>能量</translation>
    </message>
    <message>
      <source>Energy kept</source>
      <translation>保留的能量</translation>
    </message>
    <message>
      <source>Full rank {rank}</source>
      <translation>满秩 {rank}</translation>
    </message>
    <message>
      <source>Logarithmic singular values</source>
      <translation>对数奇异值</translation>
    </message>
    <message>
      <source>Rank</source>
      <translation>秩</translation>
    </message>
    <message>
      <source>Rank {rank} of {count}: singular value {value}, {energy} of the energy</source>
      <translation>秩 {rank} / {count}：奇异值 {value}，占能量的 {energy}</translation>
    </message>
    <message>
      <source>Rank {rank}: {energy}</source>
      <translation>秩 {rank}：{energy}</translation>
    </message>
    <message>
      <source>Rank {rank}: {energy} of the energy</source>
      <translation>秩 {rank}：占能量的 {energy}</translation>
    </message>
    <message>
      <source>Singular value</source>
      <translation>奇异值</translation>
    </message>
    <message>
      <source>Smaller up to rank {rank}</source>
      <translation>秩不超过 {rank} 时更小</translation>
    </message>
    <message>
      <source>Spectrum</source>
      <translation>谱</translation>
    </message>
    <message>
      <source>This layer has no spectrum.</source>
      <translation>此层没有谱。</translation>
    </message>
  </context>
  <context>
    <name>SpectrumTab</name>
    <message>
      <source>&amp;Bayes: rank {rank}</source>
      <translation>贝叶斯：秩 {rank}(&amp;B)</translation>
    </message>
    <message>
      <source>&amp;Logarithmic</source>
      <translation>对数(&amp;L)</translation>
    </message>
    <message>
      <source>At rank {rank} the factors take ~{size} instead of {whole}.</source>
      <translation>秩为 {rank} 时，分解因子占用 ~{size}，而不是 {whole}。</translation>
    </message>
    <message>
      <source>No spectrum</source>
      <translation>没有谱</translation>
    </message>
    <message>
      <source>Not factored: a matrix of {rows} × {columns}, {size}.</source>
      <translation>未分解：{rows} × {columns} 的矩阵，{size}。</translation>
    </message>
    <message>
      <source>The line sets the same share for all {count} selected layers.</source>
      <translation>此线将为全部 {count} 个所选层设置相同的比例。</translation>
    </message>
    <message>
      <source>Variational Bayes tells the signal in the weights from noise.</source>
      <translation>变分贝叶斯可区分权重中的信号与噪声。</translation>
    </message>
  </context>
  <context>
    <name>StatusLine</name>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Ending: {what}</source>
      <translation>正在结束：{what}</translation>
    </message>
    <message>
      <source>Pause or go on</source>
      <translation>暂停或继续</translation>
    </message>
    <message>
      <source>Paused: {what}</source>
      <translation>已暂停：{what}</translation>
    </message>
    <message>
      <source>Progress of the running job</source>
      <translation>当前作业的进度</translation>
    </message>
    <message>
      <source>Reading the model…</source>
      <translation>正在读取模型…</translation>
    </message>
    <message>
      <source>Starting the engine…</source>
      <translation>正在启动引擎…</translation>
    </message>
    <message>
      <source>Stop and keep the best so far</source>
      <translation>停止并保留目前最佳</translation>
    </message>
    <message>
      <source>What is left of this stage, at the pace so far</source>
      <translation>按目前速度估计的本阶段剩余时间</translation>
    </message>
    <message>
      <source>{count} layers selected · {bytes} · {macs} MACs</source>
      <translation>已选择 {count} 个层 · {bytes} · {macs} MACs</translation>
    </message>
    <message>
      <source>{count} layers · {parameters} parameters · {bytes} · {macs} MACs</source>
      <translation>{count} 个层 · {parameters} 个参数 · {bytes} · {macs} MACs</translation>
    </message>
    <message>
      <source>{count} waiting</source>
      <translation>{count} 个等待中</translation>
    </message>
  </context>
  <context>
    <name>StepCard</name>
    <message>
      <source>1 layer</source>
      <translation>1 个层</translation>
    </message>
    <message>
      <source>Actions of the step</source>
      <translation>步骤的操作</translation>
    </message>
    <message>
      <source>Choose another method…</source>
      <translation>选择其他方法…</translation>
    </message>
    <message>
      <source>Duplicate</source>
      <translation>复制</translation>
    </message>
    <message>
      <source>Move down</source>
      <translation>下移</translation>
    </message>
    <message>
      <source>Move up</source>
      <translation>上移</translation>
    </message>
    <message>
      <source>Needs {things}</source>
      <translation>需要{things}</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>移除</translation>
    </message>
    <message>
      <source>Switch off {step}</source>
      <translation>关闭{step}</translation>
    </message>
    <message>
      <source>Switch on {step}</source>
      <translation>开启{step}</translation>
    </message>
    <message>
      <source>Switched off</source>
      <translation>已关闭</translation>
    </message>
    <message>
      <source>What can be done with this step</source>
      <translation>可对此步骤执行的操作</translation>
    </message>
    <message>
      <source>{count} layers</source>
      <translation>{count} 个层</translation>
    </message>
    <message>
      <source>{number}. {title}</source>
      <translation>{number}. {title}</translation>
    </message>
    <message>
      <source>{strength} · {layers}</source>
      <translation>{strength} · {layers}</translation>
    </message>
  </context>
  <context>
    <name>TrainingView</name>
    <message>
      <source>A recipe with a step that trains (fine-tuning, distillation, quantization-aware training) shows its curves here while it runs.</source>
      <translation>含有训练步骤（微调、蒸馏、量化感知训练）的配方在运行时会在此显示曲线。</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>Drop the run: nothing of it is kept</source>
      <translation>放弃运行：不保留任何内容</translation>
    </message>
    <message>
      <source>Failed: see the job list</source>
      <translation>失败：请查看作业列表</translation>
    </message>
    <message>
      <source>Finished</source>
      <translation>已完成</translation>
    </message>
    <message>
      <source>Go on</source>
      <translation>继续</translation>
    </message>
    <message>
      <source>Learning rate</source>
      <translation>学习率</translation>
    </message>
    <message>
      <source>No training has run</source>
      <translation>尚未运行训练</translation>
    </message>
    <message>
      <source>Pause</source>
      <translation>暂停</translation>
    </message>
    <message>
      <source>Paused</source>
      <translation>已暂停</translation>
    </message>
    <message>
      <source>Progress</source>
      <translation>进度</translation>
    </message>
    <message>
      <source>Rounding loss</source>
      <translation>取整损失</translation>
    </message>
    <message>
      <source>Stop and keep the best</source>
      <translation>停止并保留最佳</translation>
    </message>
    <message>
      <source>Stopped</source>
      <translation>已停止</translation>
    </message>
    <message>
      <source>Stopping…</source>
      <translation>正在停止…</translation>
    </message>
    <message>
      <source>Training curves</source>
      <translation>训练曲线</translation>
    </message>
    <message>
      <source>Training loss</source>
      <translation>训练损失</translation>
    </message>
    <message>
      <source>Validation accuracy</source>
      <translation>验证准确率</translation>
    </message>
    <message>
      <source>Validation loss</source>
      <translation>验证损失</translation>
    </message>
    <message>
      <source>best accuracy {value} at step {step}</source>
      <translation>最佳准确率 {value}，第 {step} 步</translation>
    </message>
    <message>
      <source>lowest validation loss {value} at step {step}</source>
      <translation>最低验证损失 {value}，第 {step} 步</translation>
    </message>
    <message>
      <source>~{time} left</source>
      <translation>剩余 ~{time}</translation>
    </message>
  </context>
  <context>
    <name>Trial</name>
    <message>
      <source>Qt WebEngine does not run on this machine, so the graph is a simple one.</source>
      <translation>Qt WebEngine 无法在此机器上运行，因此显示简单图。</translation>
    </message>
    <message>
      <source>Qt WebEngine is not installed, so the graph is a simple one.</source>
      <translation>未安装 Qt WebEngine，因此显示简单图。</translation>
    </message>
    <message>
      <source>Qt WebEngine needs the system library {library}, so the graph is a simple one.</source>
      <translation>Qt WebEngine 需要系统库 {library}，因此显示简单图。</translation>
    </message>
    <message>
      <source>The detailed graph is switched off ({variable}).</source>
      <translation>详细图已关闭（{variable}）。</translation>
    </message>
  </context>
  <context>
    <name>TrialModel</name>
    <message>
      <source>Accuracy</source>
      <translation>准确率</translation>
    </message>
    <message>
      <source>Click to sort; the original and pinned trials stay on top.</source>
      <translation>点击以排序；原始模型和已固定的试验始终在最上方。</translation>
    </message>
    <message>
      <source>Latency</source>
      <translation>延迟</translation>
    </message>
    <message>
      <source>MACs</source>
      <translation>MACs</translation>
    </message>
    <message>
      <source>Measured.</source>
      <translation>实测。</translation>
    </message>
    <message>
      <source>Measured; {guess} was predicted before the run.</source>
      <translation>实测；运行前的预测为 {guess}。</translation>
    </message>
    <message>
      <source>Note</source>
      <translation>备注</translation>
    </message>
    <message>
      <source>Predicted; it was not measured.</source>
      <translation>预测；未经测量。</translation>
    </message>
    <message>
      <source>Recipe</source>
      <translation>配方</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>大小</translation>
    </message>
    <message>
      <source>The network as it was opened.</source>
      <translation>打开时的网络。</translation>
    </message>
    <message>
      <source>The recipe in force was made from it.</source>
      <translation>当前配方由它而来。</translation>
    </message>
    <message>
      <source>The run was ended early.</source>
      <translation>运行被提前结束。</translation>
    </message>
    <message>
      <source>Time</source>
      <translation>时间</translation>
    </message>
    <message>
      <source>Trial</source>
      <translation>试验</translation>
    </message>
  </context>
  <context>
    <name>Trials</name>
    <message>
      <source>Nothing is done</source>
      <translation>未作任何处理</translation>
    </message>
    <message>
      <source>Original</source>
      <translation>原始模型</translation>
    </message>
    <message>
      <source>The accuracy is not known.</source>
      <translation>准确率未知。</translation>
    </message>
    <message>
      <source>With 95 % confidence it is between {low} and {high}.</source>
      <translation>在 95 % 的置信度下，介于 {low} 与 {high} 之间。</translation>
    </message>
    <message>
      <source>agreement</source>
      <translation>一致率</translation>
    </message>
    <message>
      <source>agreement on synthetic data</source>
      <translation>在合成数据上的一致率</translation>
    </message>
    <message>
      <source>agreement with the original</source>
      <translation>与原始模型的一致率</translation>
    </message>
    <message>
      <source>labels</source>
      <translation>标签</translation>
    </message>
    <message>
      <source>synthetic</source>
      <translation>合成</translation>
    </message>
    <message>
      <source>{method} {setting}</source>
      <translation>{method} {setting}</translation>
    </message>
    <message>
      <source>{number} ({share})</source>
      <translation>{number}（{share}）</translation>
    </message>
    <message>
      <source>{percent} ({source}, {samples:,})</source>
      <translation>{percent}（{source}，{samples:,}）</translation>
    </message>
    <message>
      <source>{percent} on {samples:,} samples, by {source}.</source>
      <translation>{samples:,} 个样本上 {percent}，依据{source}。</translation>
    </message>
    <message>
      <source>{weights}/{activations} bits</source>
      <translation>{weights}/{activations} 位</translation>
    </message>
  </context>
  <context>
    <name>TrialsView</name>
    <message>
      <source>Accuracy</source>
      <translation>准确率</translation>
    </message>
    <message>
      <source>Activation memory</source>
      <translation>激活内存</translation>
    </message>
    <message>
      <source>As a tree</source>
      <translation>显示为树</translation>
    </message>
    <message>
      <source>Back to this recipe</source>
      <translation>回到此配方</translation>
    </message>
    <message>
      <source>Compare</source>
      <translation>比较</translation>
    </message>
    <message>
      <source>Compare the two chosen trials</source>
      <translation>比较所选的两个试验</translation>
    </message>
    <message>
      <source>Copy all trials as CSV</source>
      <translation>将所有试验复制为 CSV</translation>
    </message>
    <message>
      <source>Copy as CSV</source>
      <translation>复制为 CSV</translation>
    </message>
    <message>
      <source>Delete</source>
      <translation>删除</translation>
    </message>
    <message>
      <source>Delete the trial; it can be undone</source>
      <translation>删除试验；可以撤销</translation>
    </message>
    <message>
      <source>Each run of the recipe becomes a trial with its measured numbers.</source>
      <translation>配方的每次运行都成为一个带有实测指标的试验。</translation>
    </message>
    <message>
      <source>Give the trial another name</source>
      <translation>为试验重新命名</translation>
    </message>
    <message>
      <source>Its file goes when the project is closed.</source>
      <translation>其文件将在项目关闭时删除。</translation>
    </message>
    <message>
      <source>Keep the trial on top</source>
      <translation>将试验固定在最上方</translation>
    </message>
    <message>
      <source>Latency</source>
      <translation>延迟</translation>
    </message>
    <message>
      <source>MACs</source>
      <translation>MACs</translation>
    </message>
    <message>
      <source>No trials yet</source>
      <translation>尚无试验</translation>
    </message>
    <message>
      <source>Parameters</source>
      <translation>参数量</translation>
    </message>
    <message>
      <source>Pin</source>
      <translation>固定</translation>
    </message>
    <message>
      <source>Put the recipe of this trial in force; undo takes it back</source>
      <translation>采用此试验的配方；可撤销</translation>
    </message>
    <message>
      <source>Rename</source>
      <translation>重命名</translation>
    </message>
    <message>
      <source>Show which trial came from which</source>
      <translation>显示试验之间的来源关系</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>大小</translation>
    </message>
    <message>
      <source>Time of the run</source>
      <translation>运行时间</translation>
    </message>
    <message>
      <source>Trials</source>
      <translation>试验</translation>
    </message>
    <message>
      <source>Trials by two quantities</source>
      <translation>按两项指标显示试验</translation>
    </message>
    <message>
      <source>Undo</source>
      <translation>撤销</translation>
    </message>
    <message>
      <source>Write a note</source>
      <translation>写备注</translation>
    </message>
    <message>
      <source>Write a note on the trial</source>
      <translation>为试验写备注</translation>
    </message>
    <message>
      <source>{count} trials were deleted.</source>
      <translation>已删除 {count} 个试验。</translation>
    </message>
    <message>
      <source>{name} was deleted.</source>
      <translation>已删除 {name}。</translation>
    </message>
  </context>
  <context>
    <name>TrustDialog</name>
    <message>
      <source>A safe way without this question: save the weights as .safetensors, or export the network as .onnx or .pt2.</source>
      <translation>可避免此问题的安全方式：将权重保存为 .safetensors，或将网络导出为 .onnx 或 .pt2。</translation>
    </message>
    <message>
      <source>Can start programs, change files or open connections</source>
      <translation>可以启动程序、更改文件或打开连接</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>取消</translation>
    </message>
    <message>
      <source>It imports nothing beyond what every file of its kind has.</source>
      <translation>除此类文件都有的内容外，它不导入任何其他内容。</translation>
    </message>
    <message>
      <source>It would import these names, beyond what every such file has:</source>
      <translation>除此类文件都有的内容外，它将导入以下名称：</translation>
    </message>
    <message>
      <source>It would import these names. Those with a warning are not needed to describe a network: do not open the file unless you can explain them.</source>
      <translation>它将导入以下名称。带警告的名称并非描述网络所必需：除非您能说明其用途，否则不要打开此文件。</translation>
    </message>
    <message>
      <source>Looking into the file…</source>
      <translation>正在检查文件…</translation>
    </message>
    <message>
      <source>Trust and open</source>
      <translation>信任并打开</translation>
    </message>
    <message>
      <source>Trust this file?</source>
      <translation>信任此文件吗？</translation>
    </message>
    <message>
      <source>What the file would import</source>
      <translation>文件将导入的内容</translation>
    </message>
    <message>
      <source>What the file would import cannot be told without running it.</source>
      <translation>不运行该文件就无法得知它将导入什么。</translation>
    </message>
    <message>
      <source>Whoever made this file decides what the code does: it can read, change, delete or send away everything that you can. Trust it only if you know where it comes from.</source>
      <translation>代码的行为由制作此文件的人决定：凡是您有权读取、更改、删除或发送的内容，它都可以操作。只有知道其来源时才应信任它。</translation>
    </message>
    <message>
      <source>“{name}” runs program code when it is opened</source>
      <translation>“{name}”在打开时会运行程序代码</translation>
    </message>
    <message>
      <source>… and {count} names that every such file has</source>
      <translation>… 以及此类文件都有的 {count} 个名称</translation>
    </message>
  </context>
  <context>
    <name>ValueDialog</name>
    <message>
      <source>For one layer</source>
      <translation>用于一个层</translation>
    </message>
    <message>
      <source>For {count} layers</source>
      <translation>用于 {count} 个层</translation>
    </message>
    <message>
      <source>Leave as they are</source>
      <translation>保持不变</translation>
    </message>
    <message>
      <source>Set</source>
      <translation>设置</translation>
    </message>
    <message>
      <source>Set for selection</source>
      <translation>为所选层设置</translation>
    </message>
    <message>
      <source>Setting</source>
      <translation>设置</translation>
    </message>
    <message>
      <source>Value</source>
      <translation>值</translation>
    </message>
    <message>
      <source>{bits} bits</source>
      <translation>{bits} 位</translation>
    </message>
  </context>
  <context>
    <name>VariantEditor</name>
    <message>
      <source>Several values</source>
      <translation>多个值</translation>
    </message>
  </context>
  <context>
    <name>WeightsTab</name>
    <message>
      <source>&amp;Logarithmic</source>
      <translation>对数(&amp;L)</translation>
    </message>
    <message>
      <source>All weights have the same value.</source>
      <translation>所有权重的值都相同。</translation>
    </message>
    <message>
      <source>By &amp;channel</source>
      <translation>按通道(&amp;C)</translation>
    </message>
    <message>
      <source>Each layer's bins as shares of its weights.</source>
      <translation>各层的直方图区间以其权重的占比表示。</translation>
    </message>
    <message>
      <source>Histogram of weights</source>
      <translation>权重直方图</translation>
    </message>
    <message>
      <source>The first {shown} of {count} selected layers.</source>
      <translation>{count} 个所选层中的前 {shown} 个。</translation>
    </message>
    <message>
      <source>Weight</source>
      <translation>权重</translation>
    </message>
    <message>
      <source>{count} weights from {low} to {high}, mean {mean}, standard deviation {deviation}, {zeros} zeros</source>
      <translation>{count} 个权重，从 {low} 到 {high}，均值 {mean}，标准差 {deviation}，其中 {zeros} 个零</translation>
    </message>
  </context>
  <context>
    <name>YamlEditor</name>
    <message>
      <source>Recipe as YAML</source>
      <translation>配方的 YAML</translation>
    </message>
    <message>
      <source>Tab indents, Escape leaves the editor.</source>
      <translation>Tab 缩进，Esc 离开编辑器。</translation>
    </message>
  </context>
  <context>
    <name>YamlTab</name>
    <message>
      <source>Applied when you stop typing, or with Ctrl+Enter</source>
      <translation>停止输入后或按 Ctrl+Enter 时应用</translation>
    </message>
    <message>
      <source>Edit the YAML</source>
      <translation>编辑 YAML</translation>
    </message>
    <message>
      <source>Give up changes</source>
      <translation>放弃更改</translation>
    </message>
    <message>
      <source>Line {line}: {problem}</source>
      <translation>第 {line} 行：{problem}</translation>
    </message>
    <message>
      <source>Not applied. {problem}</source>
      <translation>未应用。{problem}</translation>
    </message>
    <message>
      <source>Show the recipe that is in force again</source>
      <translation>重新显示当前生效的配方</translation>
    </message>
  </context>
  <context>
    <name>_Empty</name>
    <message>
      <source>Clear the filter</source>
      <translation>清除筛选</translation>
    </message>
  </context>
  <context>
    <name>_Item</name>
    <message>
      <source>Remove {name}</source>
      <translation>移除 {name}</translation>
    </message>
  </context>
  <context>
    <name>_RuleRow</name>
    <message>
      <source>Remove rule {number}</source>
      <translation>移除规则 {number}</translation>
    </message>
    <message>
      <source>Select {layers}</source>
      <translation>选择 {layers}</translation>
    </message>
  </context>
  <context>
    <name>engine</name>
    <message>
      <source>A 1 × 1 convolution has no core to keep: svd is the same with a layer less.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>A classifier wants one class number per row of its output.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>A classifier wants one label per row of its output; a dense one, one per position.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>A convolution in groups is many small matrices, which are not factored.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>A file is read through a temporary folder, and none can be made ({0})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>A layer of kind {0} has only a few weights, which stay as they are.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>A matrix of {0} × {1} is too large to be decomposed here.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>A multi-label network wants a 0 or 1 for each of its outputs.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>A network file to learn from; empty: the original network.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>A network that predicts numbers wants one target per output value.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>A part of the path is a file. Choose another folder.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>A quantized network is trained in float32.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>A sample was evaluated twice, so networks cannot be paired over it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>A shape needs the name of its input: one of {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>A share of the network's MACs is one number, but rules give it as {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>A stored result cannot be read: {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>A teacher takes the same inputs, prepared in the same way.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>A {0} cannot be {1}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Absorb errors</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Activation bits</source>
      <translation>激活位数</translation>
    </message>
    <message>
      <source>Activation range</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Adaptive rounding</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Add the loss soft_targets, which learns from the original network, or give data with labels.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Added to the inputs' second moment, as a share of its mean diagonal.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>All channels of layer {0} would be removed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>All channels that {0} passes on would be removed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Allocation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>An image {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>An input that nothing uses, or one that is returned as it is, cannot be written.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>An output has shape {0} in one form, {1} in the other</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Answers to single samples are not kept: the network does not give one class for each, or there is no data.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Apply to similar</source>
      <translation>应用到相似层</translation>
    </message>
    <message>
      <source>Are the channels RGB, BGR or gray?</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Asking the network</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>At most {0} % of the MACs go when these channels are pruned, not {1} %</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Augmentation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Averaging</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Back to </source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Back to {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Batch</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Batch norms keep their statistics: a batch of one has none.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Batch norms were not measured again: there are no calibration data.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Batch size</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Batches to train for, in place of epochs.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Bias correction</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Bits of each weight: 2 to 8, or 16. Empty: weights stay float.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Bits of what goes into the layer and into additions: 4 to 8, or 16. Empty: activations stay float; the file gets smaller, not faster.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Block size</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Building the network</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Calibration samples in each step.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Channel pruning</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Channel pruning with these settings looks at what the network computes and needs data</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Check its path.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Check that the data belongs to this network, and that its labels count from 0.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Check that the data belongs to this network.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Check the input shape, batch first</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Checking the file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Checking weights</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose a model file.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose a teacher for the same classes.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose another place, or make room.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose another place.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose cpu, or leave it out.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose the architecture that they were trained with.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose the criterion magnitude for it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose the model file inside it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose {0}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choosing channels</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choosing grids</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choosing ranges</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Close other programs, and try again.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Close other programs, or use smaller batches or less calibration data.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Close other programs, or write it as .pt2 or .safetensors.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Collecting gradients</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Collecting statistics</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Columns left out: {0}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Compare networks that answer the same question.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Comparing data and network</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Comparing with ONNX Runtime</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Compensate</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Compensation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Convert color to gray</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Convert it first with onnx.version_converter.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Convert it with tf2onnx.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Converting TorchScript</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Copy it into the model's folder.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Copy or download it again.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Copy or export it again; if other programs open it, the fault is here: please report it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Copy or save it again.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Copy the data file into the model's folder.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Copy the data file itself into the model's folder.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Copy the model and its data file again, together.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Correct bias</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Correct that field.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Correct that line.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Correct the architecture file.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Correct the file.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Count labels from {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Criterion</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Crop padding</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Cross-layer equalization</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Damping</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Data of shape {0} does not fit the input {1} of shape {2}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Decay of a running average of the weights, which is then the result; 0: the weights themselves.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Decomposing</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Delete it; it is then worked out again.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Distil from soft targets</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Distribution</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Does the network classify, or predict numbers?</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Draw shifted and mirrored versions of the calibration images; the original network says what is right for them, so no labels are needed.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Drawing the graph</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>End it in {0}, or name a format with --format.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Energy</source>
      <translation>能量</translation>
    </message>
    <message>
      <source>Epochs</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Evaluating</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Every value that the network predicts is NaN or infinite</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Export it again{0}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Export the model again with this version of torch.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Export the network with a batch axis.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Export the network without model-local functions.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Export the network without what turns texts into numbers.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Export the original network with torch.export, that input fixed.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Export the original network with torch.export.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Exporting ended without a result ({0}); nothing was written</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Exporting took longer than {0} seconds and was stopped</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Exporting took more than {0} GiB of memory and was stopped</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Factoring</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Factoring {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Find the axes of the samples by their lengths</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Fine-tune</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Fine-tuning learns from labels, and this data has none</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Fit to outputs</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Fitting</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Fitting {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Fix the input that it depends on to a constant.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Float share of activations</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>For obs in layers too large for exact elimination: columns that are chosen from at once.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>For obs: added to the inputs' second moments, as a part of their mean. More keeps solved weights nearer to the original ones; use it where there are few samples.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>For obs: the weights that stay are solved anew, so that the layer gives what it gave in the original network. Otherwise they stay as they are.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Format</source>
      <translation>格式</translation>
    </message>
    <message>
      <source>Free some memory, then try again.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Freeze batch norm</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give --data.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give a data set with --data, or choose criterion: magnitude, compensate: false and reestimate_norms: false.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give a data set with --data, or choose the criterion magnitude.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give a data set with --data.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give a number, true, false, or as many numbers as it has elements.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give it (3x224x224), or write input_shape into a JSON of the same name beside it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give it without the batch, as {0}=3x224x224.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give labels that go with the network's first output, or learn from the original network alone with the method soft_targets.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give more data.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give one file or folder, or two .npy files (inputs and labels).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give one number, or one per channel.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give sizes only where the file leaves them open.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give the code that builds the network, as FILE.py:FACTORY.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give the file a variable or function without arguments called dataset, or train and test, whose value has __len__ and __getitem__ and gives (input, label).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give the shape that it was made for.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Give the share of the channels: “target: channels”.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Gradient limit</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Granularity</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Group</source>
      <translation>组</translation>
    </message>
    <message>
      <source>Group size</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Group {0} has units 0 to {1}, not {2}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Groups are named after their first layer; see the layer table</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Groups of {0} do not divide the {1} input {2}{3}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Half precision</source>
      <translation>半精度</translation>
    </message>
    <message>
      <source>Handing the network over</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>How channels are scored. reconstruction is the strongest where there is calibration data: it removes what the next layers can best do without.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>How far its answers are from the truth stands below.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>How layers with the same settings share the zeros. uniform: the same share in each. global: one threshold of the criterion for all. balanced: where the predicted loss of the network is least, which needs calibration data.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>How many terms to keep, with rank by number.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>How the learning rate changes over the training.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>How weights follow their gradients.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>How weights follow their gradients; Adam's steps suit networks whose batch norms are folded.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>If you trust whoever wrote it, say so (--trust).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>In the preprocessing file, {0}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>In which order are the axes of the input?</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Input {0} has a dimension of size zero, so the network cannot run</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Input {0} has {1} dimensions without the batch, not {2}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Input {0} is a sequence, not a tensor</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Input {0} is of type {1}, which cannot be computed with</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Input {0} is {1} in the file, without the batch, not {2}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>It belongs to no channel group.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>It can be looked at, but not run or changed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>It gives the original’s class on {0} of {1} {2}samples{3}; without labels nobody knows its accuracy.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>It has a single input or output channel: there is nothing to reduce.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>It has no weights.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>It has {0}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>It is damaged, or made to overwhelm its reader.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>It is damaged, or was written by another version of this program.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>It looks like {"layout": "NCHW", "scale": 0.0039, "mean": [0], "std": [1]}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>It must return its outputs</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>It must return the network, and take no arguments.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>It opens for inspection and for what changes weights alone; to train or prune it, export it without this part.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>It stands free in the graph: nothing goes in, and what comes out is always the same.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>It was not opened.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>It was not read. Put the data beside the model.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Its accuracy was not measured: there was no data.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Its input is numbers of rows, which are integers as they are.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Its outputs differ from ONNX Runtime's by up to {0} of the largest value; measure on the exported file.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Its top-1 accuracy is the original’s, {0}{1}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Its top-1 accuracy is {0} {1} ({2} → {3}{4}).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Its top-1 accuracy is {0}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Its values are not channels of the network.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Its weights are a single row or column: there is nothing to factor.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Its weights are stored as constants, so they are not trained.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Its weights are {0} already.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Its weights are {0} already; grids are made from full precision.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Its weights are {0}, not float.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Keep a multiple of this many channels. 0: of 16, or in narrow groups 8 or 4: what processors compute at once, so that what is removed is also gained in time.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Keep at least this many channels (or heads) of each group.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Keep its running mean and variance, and use them while training.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Keep one of them.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Keep the mean of each output; a layer without a bias gets one.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Keeps n of every m neighboring weights, as sparse tensor cores want it; on other runtimes the zeros save nothing.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Kept</source>
      <translation>保留</translation>
    </message>
    <message>
      <source>Labels of shape {0} do not fit an output of shape {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Largest inputs first</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Layer by layer</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Layer {0} has a single channel.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Learn activation ranges</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Learn biases</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Learn the steps</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Learn weight scales</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Learning rate</source>
      <translation>学习率</translation>
    </message>
    <message>
      <source>Learning the rounding of blocks</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Learning the rounding of the network</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Leave at least one</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Leave at least one in each part of the split</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Leave that preprocessing aside</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Leave the labels out, and compare it with the original network.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Leave the scale of the values alone</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Let the biases follow the rounded weights.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Listing layers</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Listing {0}/{1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Loading libraries</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Loading methods</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Loading the model</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Loading the network</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Longer gradients are shortened to this length; empty: no limit.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Look at the Python code that it runs, or copy the file again if that is sound.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Look for NaN or infinity in its weights, in the data and in the preprocessing.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Look whether the files are damaged.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Looking at activations</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Looking at gradients</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Looking at the file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Looking for channel groups</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Losses</source>
      <translation>损失</translation>
    </message>
    <message>
      <source>Lower the learning rate ({0}), or set a gradient limit.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Lower the ratio, prune more layers, or allow fewer channels to stay.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Make room, or set TMPDIR to a folder that may be written to.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Make room, or set TMPDIR to a folder with more.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Makes single weights zero: the file gets smaller only where it is stored packed, and nothing gets faster on a runtime without sparse kernels.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Mean and std have {0} numbers, and the samples have {1} {2}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Means and variances of batch norms are measured again on the calibration data, where no compensation has taken care of them.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Measure the mean and variance of batch norms anew on calibration data, or without batch norm correct those of each channel. Layers that compensation has solved anew match the original already and are left alone.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Measures mean and variance of every batch norm anew on the calibration samples, after pruning or rounding has changed what it sees; without batch norms, gives channels the mean and variance that they have in the original. Takes seconds, needs no labels.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Measuring norms anew</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Measuring sensitivity</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Minimum</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Momentum</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Moves scales between neighboring layers so that their channels have similar ranges; the function stays the same. Helps where weights share one scale.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Multiply pixels by 1/255</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>N:M pruning</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Name a data set with --data, or an original with --reference.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Name a data set with --data.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Name a data set, or set input_shape.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Name another file, or move this one away.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Name one of the files in it ({0}).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Name one of them.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Name the columns or arrays that belong to the inputs.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Name the label column, or give the original network as reference.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Neighboring input channels that form a group, at each position of the kernel. Graphics processors from NVIDIA have kernels for 2 of 4.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Neighbors that share a scale, where the granularity is group.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Nesterov</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Networks are not written as {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Networks with numeric inputs can be measured.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No channels of {0} can be removed: {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No class name in the data ({0}) is among the labels ({1}); they are paired in sorted order.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No network is open.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No other network can be read here</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No place inside the network has the shape that it has in its teacher: it learns from answers alone.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>None of the samples of {0} can be read.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Norm</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Not verified: nobody knows whether the file gives the answers of the network in memory. Do not rely on it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Nothing in the network is quantized yet</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>ONNX Runtime cannot open {0}, whose name is not UTF-8 text</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>ONNX Runtime does not load {0}: {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>ONNX Runtime's profile holds no run</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Of SGD; Adam's first moment likewise.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Of gptq and adaround.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Of the filters, for the criterion magnitude.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Of the loss on what the teacher computes inside, where both networks have values of the same shape; it comes on top of the others. 0: answers alone.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Of the teacher; labels, where there are any, get what is left of 1.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Of this loss; empty: what the others leave of 1.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Of this loss; labels get what is left of 1.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>On {0} validation samples: {1} before, {2} after {3} of {4} steps, whose state was kept.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Only evaluations with one label per sample can be compared in pairs</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open it only if you trust where it comes from (--trust on the command line).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open the file again.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Opening the sample</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Opening {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Optimizer</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Optimizer steps for each block alone, before all are learned together: worth it where the whole network takes too long.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Optimizer steps that bring the results of all blocks, and the answers, back to the original's; empty: by the number of bits.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Parsing the graph</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Passes over the training samples.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Percent of the values that fit at either end, where the activation range is percentile.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Percentile</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Pixels of the largest shift; empty: an eighth of the image's side.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Precision</source>
      <translation>精度</translation>
    </message>
    <message>
      <source>Profiling the layers</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Pruning</source>
      <translation>剪枝</translation>
    </message>
    <message>
      <source>Pruning ratio</source>
      <translation>剪枝比例</translation>
    </message>
    <message>
      <source>Pruning {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Pulls weights to zero; biases, norms and scales are left out.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Put a step uniform before qat: it chooses bits and grids, qat trains them.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Put images into one folder per class, or name another file.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Put the file that defines its classes beside it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Puts a small convolution between two 1 × 1 convolutions in the place of a large one.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Puts two thin layers in the place of one, so that its outputs on real data, not its weights, are nearest to the original's.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Puts two thin layers in the place of one: the nearest product of low rank.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Quantization-aware training</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Random shifts and mirror images; auto: shifts for images, and mirror images too where they are in color. Choose crop for letters, digits and signs.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Rank</source>
      <translation>秩</translation>
    </message>
    <message>
      <source>Rank by</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Rank of the inputs</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Rank ratio</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Re-estimate batch norm</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Re-estimate norms</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Read each sample as {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Read each vector as {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Reading answers</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Reading samples</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Reading the graph</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Reading the program</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Reading the training samples</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Reading weights</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Reading {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Reading {0} took longer than {1} seconds and was stopped</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Reading {0} took more than {1} GiB of memory and was stopped</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Ready</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Recurrent layers hold several matrices that feed back; they stay float.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Refine the step size of each channel together with the rounding.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Refine the step size of each quantized activation as well.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Removes whole channels, neurons and attention heads, so that the network gets smaller and faster everywhere.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Removing channels</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Rename the file.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Repeat gray on three channels</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Reset</source>
      <translation>重置</translation>
    </message>
    <message>
      <source>Ridge of the least squares, as a part of the mean square of the inputs; raised by itself where there are few samples.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Round the columns of the strongest inputs first, while all others can still make up for their error.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Round to</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Rounding</source>
      <translation>取整</translation>
    </message>
    <message>
      <source>Rounding settings</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Rounding weights</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Run `git lfs pull` in its repository.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Run in order.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Run one of them again on the other's data.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Run the trial again.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>SGD looks ahead along its momentum.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Samples are not augmented: that is for images with one answer for the whole.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Samples in each step; a smaller one needs less memory.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Save it again with this version of torch.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Save it as UTF-8 JSON.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Save the network itself, or its state_dict().</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Save the network's state_dict(), or export the network with torch.export.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Say “target: channels” in rules that give a group a ratio of its own.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Scale the shorter side and crop to {0}×{1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Schedule</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Scoring channels</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>See “A recipe in full” in the manual: “steps:”, then “- method: channel”.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Set "task": "regression" for a network that predicts numbers.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Set activation bits</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Set first_label in the preprocessing, or mend the labels.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Set input_shape in the preprocessing.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Set layout and resize in the preprocessing file beside the model.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Set pruning</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Set rank</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Set resize in the preprocessing.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Set resize, data_layout or channel_order in the preprocessing.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Set weight bits</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Settings of learned rounding.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Settings of rounding by columns.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Share of a block's quantized inputs that are left as the original has them, at random, while the block is learned.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Share of each label spread over all classes.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Share of the full rank to keep, with rank by ratio.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Share of the layer's bytes to keep, with rank by size; about the same share of its MACs is kept.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Share of the squared singular values to keep, with rank by energy.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Share of the steps in which the learning rate rises from zero.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Share of the weights that become zero.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Share that is removed, see target.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Shift and flip images</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Simplifying</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Singular values</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Singular values of the outputs</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Size</source>
      <translation>大小</translation>
    </message>
    <message>
      <source>Size of the first full steps; empty: what usually suits the optimizer and the network.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Sizes are what a file would hold after the step, predicted. </source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Smoothing</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>So few channels that nothing is left to remove; raise the ratio.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Softens the answers of both networks; higher shows more of how the teacher ranks wrong classes.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Solve also the layers after them whose inputs have changed. Only with compensation.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Solve each layer for the inputs that the layers replaced before it give, with the original's outputs as the target, so that errors do not add up.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Solve the last of the three layers anew, by least squares on the original's outputs, layer by layer; a layer without a bias gets one.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Solve the layers that read what was removed anew by least squares, so that they give the original network's outputs on calibration data.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Solving layers anew</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Some of its weights are NaN or infinite, so it is left alone.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Some of the samples have labels, others have none</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Sparsity</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Steps</source>
      <translation>步骤</translation>
    </message>
    <message>
      <source>Steps between two looks at the validation samples; empty: five looks.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Steps on the whole network</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Steps per block</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Stores weights as float16 or bfloat16: half the size, hardly any loss.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Stores weights as integers of 2 to 16 bits, and rounds activations so that the runtime can compute with integers.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Stretch images to {0}×{1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Symmetric weights</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Take --device cpu.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Take cpu, cuda or mps.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Take the data's own class names, in sorted order</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Take the network's input as NHW</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Take the network's input as {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Take the rule out, or say “optional: true”.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Take the values as prepared already</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Take them out.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Takes out what rounding adds to the mean of each output channel; layers without a bias are given one.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Target</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Targets of shape {0} do not fit an output of shape {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Teacher</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Temperature</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>That choose the best state; 0: the last state is kept.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>That disk is read-only. Choose another folder.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The MACs of this network are not known, so that no share of them can be removed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The accuracy of a network that detects objects is not measured</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The calibration data never reach this layer, or are not finite there</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The cost table cannot be read.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The cost table was written by a newer version.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The criterion {0} looks at what the network computes and needs data</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The data comes in one piece: all of it was evaluated.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The data has a label {0}, and the network has {1} classes, numbered from 0 to {2}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The data has changed since: run the trial again.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The data has no labels, and there is no network to compare with</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The data has no labels: the network learns from its teacher alone.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The data has no values for the network's input {0}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The data has one split: {0} samples are for training, {1} for validation, {2} for evaluation.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The data has samples of {0}, and the network takes {1}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The data has {0} classes, of which {1} {2} not among the {3} labels ({4}).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The data has {0}; the network takes {1}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The disk does not hold files of that size. Write to another disk.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The disk is full. Free some space, or write to another disk.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The download went wrong: download the file itself.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The exported file differs from the network by {0} of its largest output, so it was not written</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The exported file does not pass ONNX's own check: {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The exporter made {0} inputs and {1} outputs of the network's {2} and {3}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The file does not say the shape of input {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The file is damaged, made to overwhelm its reader, or too large for this machine.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The file is damaged, or made to overwhelm its reader.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The file is damaged; export it again.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The file is larger than {0} MiB, which no recipe is.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The file is not text, so it is no recipe.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The file leaves dimension {0} ({1}) of input {2} open, but the network can be traced for one size only: it is {3} from here on; --input-shape {4}=… sets another.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The file leaves the size of {0} open, and none of the usual sizes fits: give it with --input-shape {1}=…, without the batch.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The file may be damaged, or in another format than its name says.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The file may be damaged, or use operators that this runtime lacks.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The file uses ONNX operator set {0}; sets from {1} are read</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The file works with a batch of {0} only</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The file {0}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The folder does not exist. Create it, or choose another.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The functions inside the file cannot be inlined ({0})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The graph contains a cycle</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The hidden size of a recurrent layer cannot be pruned yet: all its gates and the state that it feeds back would have to shrink together.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The history of this project cannot be read.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The input {0} has shape {1} in one form, {2} in the other</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The input {0} of shape {1} has no batch axis, so data of shape {2} cannot be run</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The input {0} of shape {1} would need {2} values for {3} samples</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The input {0} takes whole numbers ({1}), the data holds fractions ({2})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The input {0} takes {1}, which samples cannot be made for</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The label {0} does not fit a network with {1} classes (0 to {2})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The labels are not class numbers</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The labels go from {0} to {1}, and the network has {2} (labels 0 to {3}).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The name is too long. Choose a shorter one.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The network cannot be traced: {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The network cannot be trained: {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The network cannot be written as ONNX: {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The network does not run on an input of shape {0}: {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The network does not run on inputs of shape {0}: {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The network has no batch norms (they may have been folded into the layers before them): each channel was given the mean and variance that it has in the original instead.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The network has no input {0}: it has {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The network has no input {0}; it has {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The network has no output of numbers, so it cannot be trained</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The network has no weights that can be trained</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The network has {0} outputs, no number {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The network has {0} outputs, the reference {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The network has {0}, the data gives {1} per sample</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The network never calls this layer on these samples.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The network returns no tensor</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The network takes batches of {0} samples, and there are {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The network was written to a new file.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The network's answers on the training samples are not finite numbers, before any training</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The network's file fixes the batch to {0}, which is used.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The network's input {0} has a dimension '{1}' of unknown length.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The network's output has shape {0}, the reference's {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The number of classes differs from one batch to the next</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The number of outputs differs from one batch to the next</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The preprocessing is for an input of {0}; the network takes {1}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The process that read the file came back with something else than was asked for</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The process that reads files ends as soon as it starts</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The recipe cannot be read: {0}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The recipe cannot be written: {0}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The recipe trains, and there is no data</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The reference does not run on the same data: {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The result is slower than the original on this machine: in small layers, and where only weights are integers, converting costs more than integers save.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The samples differ in shape ({0}), and a batch needs them equal.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The temporary folder has {0} GiB left, and this network needs {1} GiB there while it is opened</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The training diverged after {0} steps; the best state before is kept. A lower learning rate would help.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The training diverged after {0} {1}: its loss is no longer a number</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The training does not fit into memory with a batch of {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The training was stopped after {0} of {1} steps.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The two evaluations have no sample in common</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The two forms have {0} and {1} inputs</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The two forms have {0} and {1} outputs</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The two trials were measured on different samples</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The weights of a layer of kind {0} are not factored.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The weights of a layer of kind {0} are not pruned one by one.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The weights of this {0} do not fit together ({1})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The weights of {0} are also used outside the layer, so it cannot be replaced</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The weights of {0} do not fit {1}: {2}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The whole run took {0}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The written file cannot be read back: {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The written file does not agree with the network, so it was dropped: {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The written file does not hold the weights of {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The written file gives an output of shape {0}, the network {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The written file has {0} outputs, the network {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The {0} groups of layer {1} need as many channels each, and what follows mixes them, so that only all could be removed.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The {0} largest of {1} layers. </source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There are no samples to train on: all of them serve calibration, validation and evaluation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There are no validation samples: the last state is kept.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is a folder of that name. Choose another name.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is neither data nor a reference to evaluate against</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no channel group {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no data to fit the layers' outputs to, so they were not fitted.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no data, and the preprocessing does not say the input's shape.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no data: noise stands in for it, and accuracy means agreement with the original on noise.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no data: normally distributed noise stands in for it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no device called {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no device {0} on this machine</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no file {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is not one labelled sample to measure the accuracy on</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is not one sample to compare the networks on</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is not one sample to evaluate</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is not one sample to measure the error on</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This criterion looks at what the network computes, and there is no data.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This criterion scores channels by their batch norm, and these have none (most ONNX files arrive with it folded into the layers before).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This machine has no {0} device that PyTorch can use</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This step looks at what the network computes and needs data</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This {0} device has no fast {1}; float32 was used.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Time the model again.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Times are measured: the median time of a run, divided among the layers by ONNX Runtime’s own profile. </source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Timing</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Tracing the network</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Train the distance between two values of each grid too; else only the weights, on the grids as they are.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Training did not help ({0} on {1} validation samples before it, and never more): the network was left as it was.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Training needs data, and none was given</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Training: step {0} of {1}, loss {2}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Trains a network that an earlier step has quantized: weights and activations are rounded in every pass, and the steps of their grids are learned with the weights.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Trains the network on the data, from labels, from a teacher or from both. What was pruned stays zero, what was quantized stays on its grid, and the best state by validation is kept.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Trains the network to answer as a teacher does: the original, or a larger network from a file. Needs no labels.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Translating to ONNX</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Try again; if it happens again, this network meets a fault of the exporter.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Trying a training step</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Trying input sizes</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Tucker decomposition</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Uniform quantization</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Unpack it and choose the model inside.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Unpacking {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Update Espalier.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Use a smaller batch.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Use a smaller batch_size.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Use it only if you trust where it comes from (--trust on the command line).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Validate every</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Validating after step {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Validation samples</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Verified: the file was loaded again and gives the answers of the network in memory (outputs differ by at most {0} of the largest).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Version of the format.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Warm-up</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Warming up</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Weigh errors of a layer's outputs by what they do to the network's answers (second moments of the gradients).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Weigh outputs</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Weight</source>
      <translation>权重</translation>
    </message>
    <message>
      <source>Weight bits</source>
      <translation>权重位数</translation>
    </message>
    <message>
      <source>Weight decay</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Weight of hints</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Weight pruning</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Weight range</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Weights that stand free in the graph stay as they are.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Weights that stay in each group.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What are the classes called, in the order of the outputs?</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What decides on the rank of a layer: size, the share of its bytes to keep; ratio, a share of the full rank; number, the rank itself; energy, the share of the squared singular values to keep; vbmf, variational Bayes, which tells the signal in the weights from noise and needs no setting.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What is each pixel multiplied by first (1/255 makes 0…255 into 0…1)?</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What is made small; empty: the labels' loss alone. Labels count with the weight that the others leave of 1.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What passes compute in; auto: bfloat16 on a GPU that has it, else float32.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What the ratio is a share of: the channels of each group, or the multiply-accumulates (MACs) of the whole network.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What this network answers is neither a class nor a number.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Which mean is then subtracted from each channel?</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Which shape does the network's input have?</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Which standard deviation is each channel then divided by?</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Which weights go. magnitude: the smallest, needs no data. wanda: the smallest product of weight and input. obs: those whose loss the others can best make up for, one after the other; by far the most accurate.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Which weights share a scale: all of the layer, those of an output channel, or groups of neighbors within it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>With rank by number: how many channels the first of the three layers gives; 0 takes the rank, which is what the second gives.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Write it as .pt2 or .safetensors, which hold any network.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Write it as .pt2 or .safetensors; this network meets a fault of the exporter.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Write it as FILE.py:FACTORY, a Python file and a function in it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Write it for another --target, or as .pt2; an older file is as it was.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Write it like 3x224x224, or 128:int64 for whole numbers, without the batch.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Write it like {0}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Writing</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Writing the file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Writing the report</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Writing the weights</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>You may not write there. Choose another folder.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Your quota on this disk is used up. Free some space, or write elsewhere.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Zero is in the middle of the grid. Otherwise each scale has a zero point of its own, which fits skewed weights better.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>activation_zeros</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>adam</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>adamw</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>adaround</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>agreement</source>
      <translation>一致率</translation>
    </message>
    <message>
      <source>auto</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>back-end</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>balanced</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>batch_norm</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>bfloat16</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>bn_scale</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>calls {0}, which is not a network operator of torch</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>channel</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>channel_order</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>channels</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>compact</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>constant</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>conv1d</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>conv2d</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>conv3d</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>conv_transpose1d</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>conv_transpose2d</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>conv_transpose3d</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>cosine</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>criterion</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>crop</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>crop_and_flip</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>data_layout</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>distillation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>does not have a call signature</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>does not have a graph</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>embedding</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>encoding</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>energy</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>entropy</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>first_label</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>flip</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>float16</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>float16: 11 significant bits, up to 65504. bfloat16: 8 significant bits, the range of float32.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>float32</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>front-end</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>geometric_median</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>global</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>gptq</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>group</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>group_norm</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>gru</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>has a damaged call signature</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>has a damaged table of {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>has a graph that is cut short or damaged</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>has a larger graph than any network</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>has a larger table of {0} than any network</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>has a layer with an impossible name ({0})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>has a name that is none ({0})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>has a shape that is no expression ({0})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>has a shape that is no plain arithmetic ({0})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>has a weight whose shape is not made of numbers</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>has no graph (compiled code alone cannot be read)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>has the weight {0} as {1} where its graph expects {2}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>holds an object that brings its own code</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>holds an object that brings its own code ({0})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>holds an object that brings its own code, or lacks one ({0})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>holds no table where one belongs ({0})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>holds no text where some belongs ({0})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>holds text where none belongs ({0})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>input_shape</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>instance_norm</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>is nested too deep</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>keeps the weight {0} as a pickle that would run code</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>labels</source>
      <translation>标签</translation>
    </message>
    <message>
      <source>lacks the bytes of a weight ({0})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>lacks the bytes of the weight {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>lacks the weight {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>latency</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>layer_norm</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>layout</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>linear</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>loss</source>
      <translation>损失</translation>
    </message>
    <message>
      <source>low_rank</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>lstm</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>macs</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>magnitude</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>mean</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>memory</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>method</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>minmax</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>minmax: every value seen fits. percentile: a share of them does. mse: the least squared error. entropy: the distribution that is nearest to that of the values.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>minmax: every weight fits. mse: large weights may be clipped where that makes the error of the layer's output smaller.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>mse</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>names a dialect that is not torch's own</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>nearest</source>
      <translation>最近邻</translation>
    </message>
    <message>
      <source>nearest: seconds. gptq: column by column, the rest makes up for the error. adaround: learned block by block; the best at 4 bits and below.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>none</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>number</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>obs</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>one_cycle</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>parameter</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>percentile</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>prelu</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>pruning</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>quantization</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>random</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>ratio</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>reconstruction</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>recovery</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>resize</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>rms_norm</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>rnn</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>rounding</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>rules</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>scale</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>schedule</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>search</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>sensitivity</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>sgd</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>sharing</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>size</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>std</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>step</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>steps</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>synaptic_strength</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>synthetic</source>
      <translation>合成</translation>
    </message>
    <message>
      <source>takes or returns objects of type {0}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>task</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>taylor</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>tensor</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>uniform</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>uniform: every group loses the same share; global: the lowest scores of all groups go, wherever they are; sensitivity: groups that the answers depend on little lose more (measured on calibration data).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>vbmf</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>wanda</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} (--fix {1}=VALUE on the command line).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} The order of the axes is not known.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} already has a part called {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} are of different kinds and share their weights, so they stay as they are.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} calibration samples were used, as many as memory allows.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} cannot be read as ONNX ({1})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} cannot be read: it is damaged, or uses what is not known here ({1})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} cannot be read: {1}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} cannot be written ({1})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} cannot be written: {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} cannot be written: {1}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} does not fit its inputs: {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} does not hold a trial's answers: {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} does not name an architecture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} does not run on inputs of shape {1}: {2}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} does not run on the network's inputs: {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} does not run with an input of that shape: {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} does not say which format to write</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} does not say which shape its input has</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} files do not make one data set.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} gives an output of shape {1}, and the network one of {2}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} gives no finite value, and stays float.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} has no function {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} has no layer called {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} has no split called {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} has the splits {1}, not one piece</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} has {1} samples in {2}, and no number {3}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} holds a {1}, not a torch.nn.Module</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} holds a {1}, not the fields of a preprocessing file.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} holds no samples.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} holds weights without a graph</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is Python code, and building the network runs it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is Python code, which can do anything on this computer that you can.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is TorchScript that cannot be converted: {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is a TorchScript archive that is damaged or of another version of torch ({1})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is a TorchScript archive that {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is a file of torch.save that holds {1} (its content is a {2})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is a file of torch.save that is cut short or damaged ({1})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is a pickled module, and opening it runs code: {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is a safetensors file that is damaged: {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is a zip archive that is cut short or damaged ({1})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is an archive with {1} entries, which no model has</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is an exported program that is damaged or of another version of torch ({1})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is cut short or damaged: the values of {1} are missing</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is empty</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is no shape for input {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is no value for input {1} of shape {2}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is not Python code that {1}.{2} reads: {3}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is not a JSON text.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is not a model that can be read: it looks like {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is not the shape of an input</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is not valid JSON: {1}, line {2}, column {3}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is too large to be Python code</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is too large to be a preprocessing file.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is {1} that cannot be read: it is damaged, or uses what is not known here ({2}: {3})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} is {1}, not a model file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} keeps the tensor {1} in {2}, where its {3} bytes do not fit (offset {4}, length {5}, file of {6} bytes)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} keeps weights in {1}, but there is no such file beside it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} left the grid of an earlier quantization and will be stored as float; put quantizing steps last.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} needs Python code that is not there: {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} needs its data file {1}, which is not there</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} of the original {1} not listed: folded into the layer before, or removed together with it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} of {1} calibration samples were used, to bound memory.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} of {1} is of type {2}, and networks that take and give numbers can be measured</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} of {1} returns {2}, not a torch.nn.Module</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} refers to data outside its folder: {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} scores channels by their batch norm, and these have none (most ONNX files arrive with it folded into the layers before).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} takes the input {1} as {2}, not as a tensor</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} was left as it is: its inputs are NaN or infinite.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} was left as it is: its weights are NaN or infinite.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} was left as it is: its weights are also used elsewhere.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} was left as it is: no sample reaches it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} was left as it is: the calibration data never reach it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} was left as it is: with rank {1} it would need more MACs.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} was left as it is: with rank {1} it would not be smaller.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} was left as it is: {1}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} was not fitted: its inputs are NaN or infinite.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} was not solved anew: {1}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} was pruned by an earlier step; its parts have no zeros.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} was quantized by an earlier step; its parts are stored as float.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} would make a tensor of {1} GB</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0} {1}; it was refused</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}, field '{1}': {2}{3}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: few bits are made there of numbers whose last digits another runtime may compute differently, so that single answers may change; 8 bits are not as delicate.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: its weights hold NaN or infinity.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: no layer with weights reads these channels; scored by magnitude.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: some of its weights are NaN or infinite, so it was left alone.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: stored as float, because the exporter changed the weights (batch norm?).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}: {1} weights are beyond {2}, the largest number of {3}, and became that.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}; it and what follows have no weights and are left out ({1} nodes: {2}), so the outputs are now {3}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{0}; the network takes {1} ({2}).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>“{0}” is not a {1}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>“{0}” needs more memory than there is.</source>
      <translation type="unfinished" />
    </message>
  </context>
</TS>
